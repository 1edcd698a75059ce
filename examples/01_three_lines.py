"""Three lines from a folder to a scene.

`load_observation` reads and checks a scene folder, `reconstruct` runs the pipeline as far as the answer, `save_scene`
writes `scene.json`, a PLY mesh an object, and one `scene.glb` that opens in any viewer. Arrays of your own go into an
`Observation` directly; see [](../../files.md) for what it expects.
"""

from importlib.resources import files

import dig_framework as dig

folder = files("dig_framework") / "demo"  # A scene that comes with the package; put the path of yours here.

observation = dig.load_observation(str(folder))
scene = dig.reconstruct(observation, "quickstart")
dig.save_scene(scene, "answer", observation.camera)

for item in scene.objects:
    mesh = item.posed()
    size = (mesh.vertices.amax(0) - mesh.vertices.amin(0)).tolist()
    print(f"{item.label}: {1e6 * float(mesh.volume()):.0f} ml, " + " x ".join(f"{1e3 * s:.0f}" for s in size) + " mm")
