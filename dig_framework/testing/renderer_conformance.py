"""What every renderer must do."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.interfaces.renderer import Renderer
from dig_framework.light import Light
from dig_framework.material import Material
from dig_framework.render import Render
from dig_framework.scene import Scene
from dig_framework.testing.conformance import Conformance, check_claims, not_claimed
from dig_framework.testing.renderer_gradients import GradientProbe
from dig_framework.testing.scenes import AnalyticScene, box_on_table, single_sphere, two_spheres

_probes: dict[Renderer, GradientProbe] = {}


class RendererConformance(Conformance):
    """Checks against formulas, ray-cast images and finite differences, on scenes of spheres, a box and a table.

    How far off it may be is what the renderer itself claims, in public, within limits. One that is slow may be checked
    with a smaller `size`.
    """

    component: ClassVar[Renderer]  # type: ignore[assignment]
    size: ClassVar[int] = 65
    """Width and height of the images [px]; odd, so that one pixel is on the axis."""
    gradient_samples: ClassVar[int] = 4
    """Finite differences are made of images this many times finer along either side."""

    def test_claims(self) -> None:
        """What is claimed of errors is at most twice what is usual for renderers."""
        check_claims(self.component)

    def test_promise(self) -> None:
        """Images have the promised shapes and dtypes, are finite, and masks are shares."""
        truth = two_spheres(self.size)
        render = self._render(truth)
        count, shape = len(truth.scene.objects), (self.size, self.size)
        assert render.color.shape == (*shape, 3), f"colour has shape {tuple(render.color.shape)}"
        assert render.depth.shape == shape, f"depth has shape {tuple(render.depth.shape)}"
        assert render.masks.shape == (count, *shape), f"masks have shape {tuple(render.masks.shape)}"
        assert render.ids.shape == shape, f"ids have shape {tuple(render.ids.shape)}"
        for name in ("color", "depth", "masks"):
            image: Tensor = getattr(render, name)
            assert image.dtype == torch.float32, f"{name} has dtype {image.dtype} for vertices of float32"
            assert bool(image.isfinite().all()), f"{name} is not finite"
        low, high = float(render.masks.min()), float(render.masks.sum(0).max())
        assert low >= 0, f"a mask is {low}"
        assert high <= 1 + 1e-4, f"masks add up to {high} in one pixel"

    def test_sphere_area(self) -> None:
        """A sphere's silhouette on the axis has the area pi r^2 f^2 / (z^2 - r^2), within 1 %."""
        truth = single_sphere(self.size)
        area, expected = float(self._render(truth).masks[0].sum()), _disc_area(truth)
        assert abs(area / expected - 1) < 0.01, f"area is {area:.2f} px^2, not {expected:.2f}"

    def test_center_depth(self) -> None:
        """The middle of a sphere on the axis is at depth z - r."""
        truth = single_sphere(self.size)
        middle = self.size // 2
        depth = float(self._render(truth).depth[middle, middle])
        assert abs(depth - 0.45) < self.component.depth_error, f"depth is {depth:.5f} m, not 0.45 m"

    def test_coverage(self) -> None:
        """Mask, depth and colour of a black sphere before the background agree on what is covered."""
        truth = single_sphere(self.size)
        render = self.component.render(_black(truth.scene), truth.camera)
        mask, background = render.masks[0], render.color[0, 0]
        color_error = float((render.color - background * (1 - mask)[..., None]).abs().max())
        assert color_error < 0.02, f"colour differs from background times (1 - mask) by {color_error:.3f}"
        slack = 0.02
        low, high = float((render.depth - 0.45 * mask).min()), float((render.depth - 0.5 * mask).max())
        assert low > -slack, f"depth is {-low:.3f} m less than the mask times the least depth"
        assert high < slack, f"depth is {high:.3f} m more than the mask times the greatest depth"
        wrong = int(((render.ids == 0) & (mask < 0.3) | (render.ids == -2) & (mask > 0.7)).sum())
        assert wrong == 0, f"ids and mask contradict each other in {wrong} pixels"

    def test_shift(self) -> None:
        """Moving an object by dx moves its centroid right by f dx / z; dy moves it down."""
        truth = single_sphere(self.size)
        for axis, name in enumerate(("right", "down")):
            centers = []
            for sign in (-1, 1):
                offset = torch.zeros(3)
                offset[axis] = sign * 0.02
                centers.append(_centroid(self.component.render(_moved(truth.scene, 0, offset), truth.camera).masks[0]))
            moved = (centers[1] - centers[0]).tolist()
            expected = [0.0, 0.0]
            # The centroid of a sphere's image is z^2 / (z^2 - r^2) times as far from the axis as its centre's image.
            expected[axis] = float(truth.camera.intrinsics[0, 0]) * 0.04 / 0.5 * 0.25 / (0.25 - 0.0025)
            error = max(abs(a - b) for a, b in zip(moved, expected, strict=True))
            assert error < 0.1, f"moved {name} by {moved} px, not {expected}"

    def test_order(self) -> None:
        """What is near hides what is far, whichever comes first in the scene."""
        scene, camera = _one_behind_another(self.size)
        for objects, near in ((scene.objects, 0), (scene.objects[::-1], 1)):
            render = self.component.render(scene.replace(objects=objects), camera)
            hidden = float(render.masks[1 - near].max())
            assert hidden < 1e-6, f"a hidden object has a mask of {hidden:.2g}"
            assert float(render.masks[near].max()) > 0.99, "the near object is not seen"

    def test_truth(self) -> None:
        """Masks, depth and colour of spheres and a table are those found by ray casting."""
        self._check_against(two_spheres(self.size))
        self._check_against(single_sphere(self.size))

    def test_box(self) -> None:
        """Masks and depth of a box that stands on a table are those found by ray casting."""
        self._check_against(box_on_table(self.size), color=False)

    def test_table_hides(self) -> None:
        """What is below the table is not seen."""
        truth = two_spheres(self.size)
        below = _moved(truth.scene, 0, torch.tensor([0.0, 0.25, 0.2]))
        seen = float(self.component.render(below, truth.camera).masks[0].max())
        assert seen < 1e-6, f"an object under the table has a mask of {seen:.2g}"

    def test_black(self) -> None:
        """An object of black colour without a highlight is black."""
        truth = single_sphere(self.size)
        render = self.component.render(_black(truth.scene), truth.camera)
        inside = render.color[render.masks[0] > 0.999]
        assert len(inside) > 0, "no pixel is wholly covered"
        assert float(inside.abs().max()) < 1e-3, f"black radiates {float(inside.abs().max()):.3g}"

    def test_light(self) -> None:
        """Twice the light is twice the radiance, and two lights give the sum of both."""
        truth = two_spheres(self.size)
        light = _lamp(truth)
        once = self._render(truth).color
        for lights in ((light.replace(intensity=2 * light.intensity),), (light, light)):
            twice = self.component.render(truth.scene.replace(lights=lights), truth.camera).color
            error = float((twice - 2 * once).abs().max())
            assert error < 1e-4, f"radiance differs from twice the radiance by {error:.3g}"

    def test_vertex_colors(self) -> None:
        """Vertex colours multiply the material's colour."""
        truth = single_sphere(self.size)
        item = truth.scene.objects[0]
        half = item.replace(mesh=item.mesh.replace(colors=torch.full_like(item.mesh.vertices, 0.5)))
        dark = item.replace(material=item.material.replace(color=0.5 * item.material.color))
        first, second = (
            self.component.render(truth.scene.replace(objects=(one,)), truth.camera).color for one in (half, dark)
        )
        assert float((first - second).abs().max()) < 1e-4, "half the vertex colour is not half the material's colour"

    def test_camera_pose(self) -> None:
        """Moving the camera and the scene alike changes nothing."""
        truth = two_spheres(self.size)
        offset = torch.tensor([0.1, -0.2, 0.3])
        scene = truth.scene
        for index in range(len(scene.objects)):
            scene = _moved(scene, index, offset)
        lamp = _lamp(truth)
        lights = (lamp.replace(position=lamp.position + offset),)
        plane = truth.scene.plane
        assert plane is not None
        plane = plane.replace(offset=plane.offset - plane.normal @ offset)
        pose = torch.eye(4)
        pose[:3, 3] = -offset
        camera = truth.camera.replace(camera_from_scene=pose)
        other = self.component.render(scene.replace(lights=lights, plane=plane), camera)
        error = float((other.masks - self._render(truth).masks).abs().mean())
        assert error < 1e-3, f"masks differ by {error:.2g} on average"
        error = float((other.color - self._render(truth).color).abs().mean())
        assert error < 1e-3, f"colours differ by {error:.2g} on average"

    def test_window(self) -> None:
        """A window of the camera shows that window of the image."""
        truth = two_spheres(self.size)
        left, top, width, height = self.size // 5, self.size // 4, self.size // 2, self.size // 3
        part = self.component.render(truth.scene, truth.camera.cropped(left, top, width, height)).color
        whole = self._render(truth).color[top : top + height, left : left + width]
        error = float((part - whole).abs().mean())
        assert error < 1e-3, f"colours differ by {error:.2g} on average"

    def test_hard_cases(self) -> None:
        """Nothing, what is behind the camera, what encloses it, and faces without area give finite images."""
        truth = single_sphere(self.size)
        item, camera = truth.scene.objects[0], truth.camera
        flat = item.mesh.replace(faces=torch.cat([item.mesh.faces, item.mesh.faces[:5, [0, 0, 1]]]))
        cases = {
            "an empty scene": truth.scene.replace(objects=()),
            "no light": truth.scene.replace(lights=()),
            "a table alone": two_spheres(self.size).scene.replace(objects=()),
            "an object behind the camera": _moved(truth.scene, 0, torch.tensor([0.0, 0.0, -1.0])),
            "an object around the camera": _moved(truth.scene, 0, torch.tensor([0.01, 0.0, -0.5])),
            "an object partly behind the camera": _moved(truth.scene, 0, torch.tensor([0.0, 0.02, -0.46])),
            "an object smaller than a pixel": truth.scene.with_tensors({"objects.0.scale": torch.full((3,), 0.01)}),
            "faces without area": truth.scene.replace(objects=(item.replace(mesh=flat),)),
        }
        for name, scene in cases.items():
            render = self.component.render(scene, camera)
            for channel in ("color", "depth", "masks"):
                assert bool(getattr(render, channel).isfinite().all()), f"{channel} of {name} is not finite"
            assert render.masks.shape[0] == len(scene.objects), f"{name} has {render.masks.shape[0]} masks"
        behind = self.component.render(cases["an object behind the camera"], camera)
        assert float(behind.masks.max()) == 0, "an object behind the camera is seen"

    def test_hidden_gradient(self) -> None:
        """What is hidden has exactly zero gradient, and all gradients are finite."""
        if not self.component.differentiable:
            raise not_claimed("gradients")
        scene, camera = _one_behind_another(self.size)
        leaves = {
            name: value.clone().requires_grad_()
            for name, value in scene.tensors().items()
            if value.is_floating_point() and name.startswith("objects.")
        }
        render = self.component.render(scene.with_tensors(leaves), camera)
        total = torch.stack([getattr(render, name).square().sum() for name in self.component.differentiable]).sum()
        gradients = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
        for name, gradient in zip(leaves, gradients, strict=True):
            if gradient is not None:
                assert bool(gradient.isfinite().all()), f"the gradient of {name} is not finite"
                if name.startswith("objects.1."):
                    assert float(gradient.abs().max()) == 0, f"{name} is hidden but has a gradient"

    def test_interior_gradient(self) -> None:
        """Away from silhouettes, gradients of colour and depth are those of finite differences."""
        claimed = sorted((self.component.differentiable | self.component.interior) & {"color", "depth"})
        if not claimed:
            raise not_claimed("gradients")
        truth = two_spheres(self.size)
        weight = _away_from_silhouettes(truth)
        for image in claimed:
            for name, length in _INTERIOR_STEPS[image].items():
                gradient, change = self._interior(truth, image, weight, name, length)
                error = abs(gradient - change) / abs(change)
                assert error < self.component.gradient_error, (
                    f"{name} changes a loss of {image} by {change:.4g}, the gradient says {gradient:.4g}"
                )

    def _interior(
        self, truth: AnalyticScene, image: str, weight: Tensor, name: str, length: float
    ) -> tuple[float, float]:
        """Return the change of a weighted sum that the gradient foretells, and the one that comes."""
        start = truth.scene.tensors()[name]
        step = length * torch.tensor([0.6, 0.5, 0.8])[: start.numel()].reshape(start.shape)
        leaf = start.clone().requires_grad_()
        found = []
        for value in (leaf, start - step, start + step):
            drawn = getattr(self.component.render(truth.scene.with_tensors({name: value}), truth.camera), image)
            found.append((drawn * weight.view(self.size, self.size, *[1] * (drawn.dim() - 2))).sum())
        (gradient,) = torch.autograd.grad(found[0], leaf)
        return float((gradient * 2 * step).sum()), float(found[2].detach() - found[1].detach())

    def test_color_gradient(self) -> None:
        """Gradients of colour losses are those of finite differences of supersampled images."""
        self._check_gradient("color")

    def test_depth_gradient(self) -> None:
        """Gradients of depth losses are those of finite differences of supersampled images."""
        self._check_gradient("depth")

    def test_mask_gradient(self) -> None:
        """Gradients of mask losses are those of finite differences of supersampled images."""
        self._check_gradient("masks")

    def test_deterministic(self) -> None:
        """The same call gives the same bits, gradients included."""
        if not self.component.deterministic:
            raise not_claimed("determinism")
        first, second = (self._everything(two_spheres(self.size)) for _ in range(2))
        assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True)), "two calls differ"

    def _render(self, truth: AnalyticScene) -> Render:
        with torch.no_grad():
            return self.component.render(truth.scene, truth.camera)

    def _everything(self, truth: AnalyticScene) -> list[Tensor]:
        leaf = truth.scene.objects[0].pose.translation.clone().requires_grad_()
        render = self.component.render(truth.scene.with_tensors({"objects.0.pose.translation": leaf}), truth.camera)
        images = [render.color, render.depth, render.masks]
        if not self.component.differentiable:
            return images
        total = torch.stack([getattr(render, name).sum() for name in self.component.differentiable]).sum()
        return [*(image.detach() for image in images), *torch.autograd.grad(total, [leaf])]

    def _check_against(self, truth: AnalyticScene, color: bool = True) -> None:
        render, fine, exact = self._render(truth), truth.render(8), truth.render()
        crossed = (fine.masks > 0) & (fine.masks < 1)
        error = float((render.masks - fine.masks).abs().sum() / crossed.sum())
        assert error < self.component.mask_error, f"masks are wrong by {error:.3f} where a silhouette crosses a pixel"
        inside = _inside(exact.ids)
        wrong = float((render.ids != exact.ids)[inside].float().mean())
        assert wrong == 0, f"{100 * wrong:.2f} % of the ids inside surfaces are wrong"
        # Where a surface bends, its average over a pixel and its value at the centre are both right.
        error = float(_nearer(render.depth, exact.depth, fine.depth)[inside].max())
        assert error < self.component.depth_error, f"depth inside surfaces is wrong by up to {error:.5f} m"
        if color:
            error = float(_nearer(render.color, exact.color, fine.color)[inside].max())
            assert error < self.component.color_error, f"colour inside surfaces is wrong by up to {error:.4f}"

    def _probe(self) -> GradientProbe:
        """Return finite differences that the checks of all channels share."""
        if self.component not in _probes:
            _probes[self.component] = GradientProbe(self.component, samples=self.gradient_samples)
        return _probes[self.component]

    def _check_gradient(self, channel: str) -> None:
        if channel not in self.component.differentiable:
            raise not_claimed(f"gradients of {channel}")
        probe = self._probe()
        expected, measured = probe.expected(channel), probe.measured(channel)
        groups: dict[str, list[tuple[str, float, float]]] = {}
        for direction, want, got in zip(probe.directions(), expected, measured, strict=True):
            groups.setdefault(_kind(direction.name), []).append((direction.name, want, got))
        greatest = max(abs(want) for want in expected)
        for rows in groups.values():
            scale = max(max(abs(want) for _, want, _ in rows), 1e-3 * greatest)
            error, name, want, got = max((abs(want - got) / scale, name, want, got) for name, want, got in rows)
            assert error < self.component.gradient_error, (
                f"a change of {name} changes a loss of {channel} by {want:.4g}, the gradient says {got:.4g}; "
                f"the difference is {100 * error:.1f} % of the greatest change of its kind"
            )


def _kind(name: str) -> str:
    """Return what a tensor's derivatives are compared with: those of the same object's pose and scale, or itself."""
    for field in (".pose.translation", ".pose.rotation", ".scale"):
        name = name.removesuffix(field)
    return name


def _nearer(image: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """Return the distance to the interval between two images."""
    return (torch.minimum(first, second) - image).clamp_min(0) + (image - torch.maximum(first, second)).clamp_min(0)


def _disc_area(truth: AnalyticScene) -> float:
    focal = float(truth.camera.intrinsics[0, 0])
    return math.pi * (0.05 * focal) ** 2 / (0.5**2 - 0.05**2)


def _centroid(mask: Tensor) -> Tensor:
    """Return the mean (u, v) of a mask [px]."""
    v, u = torch.meshgrid(*(torch.arange(size, dtype=torch.float64) for size in mask.shape), indexing="ij")
    weight = mask.detach().double()
    return torch.stack([(u * weight).sum(), (v * weight).sum()]) / weight.sum()


def _inside(ids: Tensor) -> Tensor:
    """Return the pixels whose 5 x 5 neighbours all show the same thing."""
    padded = torch.nn.functional.pad(ids[None, None].double(), (2, 2, 2, 2), mode="replicate")
    highest = torch.nn.functional.max_pool2d(padded, 5, 1)[0, 0]
    lowest = -torch.nn.functional.max_pool2d(-padded, 5, 1)[0, 0]
    return highest == lowest


_INTERIOR_STEPS = {
    "color": {"lights.0.position": 0.02, "lights.0.intensity": 0.1, "objects.0.material.color": 0.05},
    "depth": {"objects.0.pose.translation": 1e-3, "objects.1.scale": 0.02},
}


def _away_from_silhouettes(truth: AnalyticScene) -> Tensor:
    """Return one where the same object is seen for some pixels around, zero elsewhere."""
    ids = truth.render().ids[None, None].double()
    reach = max(1, ids.shape[-1] // 20)
    low, high = (sign * torch.nn.functional.max_pool2d(sign * ids, 2 * reach + 1, 1, reach) for sign in (-1, 1))
    return ((low == high) & (ids >= 0)).float()[0, 0]


def _lamp(truth: AnalyticScene) -> Light:
    """Return the one point light of an analytic scene."""
    (light,) = truth.scene.lights
    assert isinstance(light, Light)
    return light


def _black(scene: Scene) -> Scene:
    return scene.replace(objects=tuple(item.replace(material=Material.matte(torch.zeros(3))) for item in scene.objects))


def _moved(scene: Scene, index: int, offset: Tensor) -> Scene:
    name = f"objects.{index}.pose.translation"
    return scene.with_tensors({name: scene.tensors()[name] + offset})


def _one_behind_another(size: int) -> tuple[Scene, Camera]:
    """Return a sphere and, wholly hidden behind it, a smaller one."""
    truth = single_sphere(size)
    item = truth.scene.objects[0]
    behind = item.replace(index=1, pose=item.pose.replace(translation=torch.tensor([0.005, 0.0, 0.7])))
    behind = behind.replace(scale=torch.full((3,), 0.5))
    return truth.scene.replace(objects=(item, behind)), truth.camera
