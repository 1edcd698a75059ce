"""Swap a component and see what changes.

A configuration names one component for each slot. Here the shape that closes each object's unseen side is swapped, and
nothing else; masks are computed once and read back from the cache for the other runs. On the command line the same is
`dig-framework run quickstart FOLDER -s shape=ellipsoid --until initialize`.
"""

from importlib.resources import files

import dig_framework as dig

observation = dig.load_observation(str(files("dig_framework") / "demo"))

for shape in ("hull", "ellipsoid", "completion"):
    config = dig.read_config("quickstart", [f"shape={shape}"])
    run = dig.run_pipeline(config, observation, f"runs/{shape}", until="initialize")
    volumes = ", ".join(f"{item.label} {1e6 * float(item.posed().volume()):.0f} ml" for item in run.scene.objects)
    print(f"{shape:10}  segment from cache: {bool(run.metrics['segment_cached'])}  {volumes}")
