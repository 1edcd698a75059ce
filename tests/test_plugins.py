import subprocess
import sys

import pytest
from fake_distribution import install

from dig_framework import plugins
from dig_framework.errors import ComponentError
from dig_framework.interfaces import Launcher

LOCAL = "dig_framework.builtin.launcher_local:LocalProcesses"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder that is searched for distributions before all others."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def explained(call, *arguments):
    with pytest.raises(ComponentError) as caught:
        call(*arguments)
    return str(caught.value)


def test_built_ins_are_offered_like_any_other():
    names = {(offer.slot, offer.name) for offer in plugins.offers()}
    assert {("launcher", "local"), ("renderer", "raster"), ("simulator", "quasi-static")} <= names
    assert plugins.find("launcher", "local").distribution == "dig-framework"


def test_unknown_name_suggests_the_nearest_and_lists_all():
    assert explained(plugins.load, "launcher", "lokal") == (
        "no launcher is called 'lokal'. Did you mean 'local'? Installed: inline, local."
    )


def test_unknown_slot():
    assert explained(plugins.offers, "lancher").startswith(
        "no slot is called 'lancher'. Did you mean 'launcher'? Slots: segmenter, shape, renderer,"
    )


def test_broken_plugin_names_distribution_version_and_cause(site):
    (site / "broken_module.py").write_text("import no_such_dependency\n")
    install(site, "dig-broken", {"launcher": {"broken": "broken_module:Broken"}})
    assert explained(plugins.load, "launcher", "broken") == (
        "launcher 'broken' of dig-broken 0.1 does not import: ModuleNotFoundError: No module named 'no_such_dependency'"
    )
    assert plugins.load("launcher", "local").slot == "launcher"


def test_a_module_that_exits_is_broken_too(site):
    (site / "leaving_module.py").write_text("raise SystemExit('no licence')\n")
    install(site, "dig-leaving", {"launcher": {"leaving": "leaving_module:It"}})
    assert explained(plugins.load, "launcher", "leaving").endswith("does not import: SystemExit: no licence")


def test_two_offers_of_one_name(site):
    install(site, "dig-other", {"launcher": {"local": LOCAL}})
    assert explained(plugins.load, "launcher", "local") == (
        "launcher 'local' is offered by dig-framework and dig-other. Uninstall one, or give 'module:Class'."
    )
    assert plugins.load("launcher", LOCAL).__name__ == "LocalProcesses"
    assert plugins.name_of(plugins.load("launcher", LOCAL)) == LOCAL


def test_wrong_slot(site):
    install(site, "dig-lost", {"renderer": {"lost": LOCAL}})
    text = "renderer 'lost' of dig-lost 0.1 is a launcher, not a renderer."
    assert explained(plugins.load, "renderer", "lost") == text


def test_not_a_component(site):
    install(site, "dig-odd", {"launcher": {"odd": "json:dumps"}})
    assert explained(plugins.load, "launcher", "odd") == (
        "launcher 'odd' of dig-odd 0.1 is no Component class; derive it from dig_framework.interfaces."
    )


def test_abstract_class_says_what_it_lacks(site):
    (site / "unfinished.py").write_text(
        "from dig_framework.interfaces import Launcher\nclass Unfinished(Launcher):\n    pass\n"
    )
    assert explained(plugins.load, "launcher", "unfinished:Unfinished") == (
        "launcher 'unfinished:Unfinished' is abstract; it lacks: launch."
    )


@pytest.mark.parametrize(("requirement", "fits"), [("dig-framework>=0.1", True), ("dig_framework>=99", False)])
def test_requirement_on_the_core_is_checked_at_load(site, requirement, fits):
    install(site, "dig-future", {"launcher": {"future": LOCAL}}, requires=["numpy", requirement])
    if fits:
        assert issubclass(plugins.load("launcher", "future"), Launcher)
    else:
        assert explained(plugins.load, "launcher", "future") == (
            "launcher 'future' of dig-future 0.1 needs dig-framework>=99, but 0.1.0 is installed. "
            "Install another version of dig-future or of dig-framework."
        )


def test_a_later_copy_of_a_distribution_is_shadowed(tmp_path, monkeypatch):
    for folder, version in (("late", "1.0"), ("early", "2.0")):
        install(tmp_path / folder, "dig-twice", {"launcher": {"twice": LOCAL}}, version)
        monkeypatch.syspath_prepend(tmp_path / folder)
    assert [offer.version for offer in plugins.offers("launcher") if offer.name == "twice"] == ["2.0"]


def test_name_of_a_class_that_its_package_exports_from_elsewhere(site):
    package = site / "dig_exporting"
    package.mkdir()
    (package / "__init__.py").write_text("from dig_exporting.inner import Exported\n")
    (package / "inner.py").write_text(
        "from dig_framework.interfaces import Launcher\n"
        "class Exported(Launcher):\n    def launch(self, jobs):\n        return iter(())\n"
    )
    install(site, "dig-exporting", {"launcher": {"exported": "dig_exporting:Exported"}})
    assert plugins.name_of(plugins.load("launcher", "exported")) == "exported"


def test_listing_imports_no_plugin_and_no_torch(site):
    (site / "loud_module.py").write_text("raise SystemError('imported')\n")
    install(site, "dig-loud", {"renderer": {"loud": "loud_module:Loud"}})
    code = (
        "import sys; from dig_framework import plugins; names = [o.name for o in plugins.offers()];"
        "assert 'loud' in names; print([m for m in ('torch', 'numpy', 'pydantic', 'loud_module') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=site, env={"PYTHONPATH": str(site)}, capture_output=True)
    assert done.stdout.decode().strip() == "[]", done.stderr.decode()
