import pytest
from dig_mitsuba import MitsubaRenderer
from dig_mitsuba import renderer as renderers
from dig_mitsuba import variant as variants

from dig_framework.errors import ComponentError
from dig_framework.testing.scenes import single_sphere


def test_says_what_llvm_lacks_and_does_without(monkeypatch):
    monkeypatch.setattr(variants, "llvm_flaw", lambda: "its LLVM ends the process by SIGABRT")
    with pytest.raises(ComponentError, match=r"ends the process by SIGABRT.*libllvm19.*scalar"):
        variants.mitsuba_variant("llvm")
    assert variants.mitsuba_variant("auto") == "scalar_rgb"
    monkeypatch.setattr(variants, "llvm_flaw", lambda: "")
    assert variants.mitsuba_variant("auto") == "llvm_ad_rgb"


@pytest.mark.parametrize(
    ("probe", "flaw"),
    [
        ("pass", ""),
        ("import os; os.abort()", "its LLVM ends the process by SIGABRT"),
        ("raise RuntimeError('no LLVM')", "RuntimeError: no LLVM"),
        ("raise SystemExit(3)", "the probe ended with status 3"),
    ],
)
def test_probe_survives_what_it_probes(monkeypatch, probe, flaw):
    monkeypatch.setattr(variants, "_PROBE", probe)
    assert variants.llvm_flaw.__wrapped__() == flaw


def test_choice_of_variant_is_undone():
    mi = variants.mitsuba_library()
    mi.set_variant("scalar_rgb")
    with variants.chosen(mi, "scalar_spectral"):
        assert mi.variant() == "scalar_spectral"
    assert mi.variant() == "scalar_rgb"


def test_claims_gradients_only_where_there_are_some(monkeypatch):
    every = frozenset({"color", "depth", "masks"})
    monkeypatch.setattr(variants, "llvm_flaw", lambda: "")
    assert MitsubaRenderer.differentiable == MitsubaRenderer().differentiable == every
    shadowed = MitsubaRenderer(shadows=True)
    assert (shadowed.differentiable, shadowed.interior) == ({"depth", "masks"}, {"color"})
    assert MitsubaRenderer.interior == MitsubaRenderer().interior == frozenset()
    assert MitsubaRenderer(integrator="path").differentiable == frozenset()
    assert MitsubaRenderer(variant="scalar").differentiable == frozenset()
    monkeypatch.setattr(variants, "llvm_flaw", lambda: "no LLVM")
    assert MitsubaRenderer().differentiable == frozenset()


def test_claims_the_same_bits_of_the_interpreter_only(monkeypatch):
    monkeypatch.setattr(variants, "llvm_flaw", lambda: "")
    assert MitsubaRenderer(variant="scalar").deterministic
    assert not MitsubaRenderer().deterministic


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"variant": "scalar"}, r"variant 'scalar' .*no gradients.*libllvm19"),
        ({"variant": "auto"}, r"variant 'scalar', taken because LLVM does not work \(no LLVM\), .*libllvm19"),
        ({"variant": "auto", "integrator": "path"}, r"integrator 'path' .*no gradients; set integrator to 'direct'"),
    ],
)
def test_refuses_gradients_that_it_does_not_have(monkeypatch, settings, message):
    monkeypatch.setattr(variants, "llvm_flaw", lambda: "no LLVM")
    monkeypatch.setattr(renderers, "llvm_flaw", lambda: "no LLVM")
    truth = single_sphere(9)
    name = "objects.0.pose.translation"
    scene = truth.scene.with_tensors({name: truth.scene.tensors()[name].clone().requires_grad_()})
    image = MitsubaRenderer(samples=1, **settings).render(scene, truth.camera)
    with pytest.raises(ComponentError, match=message):
        image.color.sum().backward()
