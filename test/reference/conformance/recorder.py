"""Records every tensor of a forward pass, by function and by module, and what Grad-CAM makes of each by autograd."""

import contextlib
import math

import torch
from torch.overrides import TorchFunctionMode

# `x += y`, which would overwrite what was recorded. That nothing else relied on it is checked: the logits have to stay those of the bare model.
IN_PLACE = {
    **{"__iadd__": torch.add, "__isub__": torch.sub, "__imul__": torch.mul, "__itruediv__": torch.div},
    **{"add_": torch.add, "sub_": torch.sub, "mul_": torch.mul, "div_": torch.div},
}


class Recorder(TorchFunctionMode):
    """Keeps each float tensor with a gradient, in order; `paths` are the modules that gave it."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict] = []
        self.by_id: dict[int, dict] = {}

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        name = getattr(function, "__name__", "")
        if kwargs.get("inplace"):
            kwargs["inplace"] = False
        if name in IN_PLACE and all(isinstance(each, (torch.Tensor, int, float)) for each in args):
            function = IN_PLACE[name]
        result = function(*args, **kwargs)
        for each in result if isinstance(result, (tuple, list)) else (result,):
            self.keep(each, name)
        return result

    def keep(self, tensor, name: str, path: str | None = None) -> None:
        if not isinstance(tensor, torch.Tensor) or not tensor.is_floating_point() or not tensor.requires_grad:
            return
        if tensor.dim() not in (3, 4) or tensor.shape[0] != 1 or tensor.is_leaf:
            return
        row = self.by_id.get(id(tensor))
        if row is None:
            with contextlib.suppress(RuntimeError):
                tensor.retain_grad()
                row = {"tensor": tensor, "operation": name, "paths": []}
                self.rows.append(row)
                self.by_id[id(tensor)] = row
        if row is not None and path is not None:
            row["paths"].append(path)


def contiguous_gradient(_module, _inputs, output):
    """PyTorch 2.9.1's backward pass of BatchNorm on CPU takes a gradient that is not contiguous wrongly."""
    if output.requires_grad:
        output.register_hook(lambda gradient: gradient.contiguous())


def record(model, image, target: int | None = None):
    """Logits (1, classes), the explained class, and the recorded rows with gradients."""
    recorder = Recorder()
    handles = []
    for path, module in model.named_modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            handles.append(module.register_forward_hook(contiguous_gradient))
        if path:
            hook = lambda _m, _i, output, path=path: recorder.keep(output, "module", path)
            handles.append(module.register_forward_hook(hook))
    with recorder:
        logits = model(image.clone().requires_grad_())
    for handle in handles:
        handle.remove()
    with torch.no_grad():
        assert torch.allclose(logits, model(image), rtol=1e-4, atol=1e-5), "recording has changed the logits"
    chosen = int(logits.argmax()) if target is None else target
    logits[0, chosen].backward()
    return logits.detach()[0], chosen, recorder.rows


def readings(shape):
    """(kind, skipped, height, width) of every way in which a tensor can be a map."""
    _, a, b, *rest = shape
    if rest:
        yield "NCHW", 0, b, rest[0]
        yield "NHWC", 0, a, b
        return
    for kind, tokens in (("NTC", a), ("NCT", b)):
        for skipped in range(0, 6):
            side = math.isqrt(max(0, tokens - skipped))
            if side > 1 and side * side == tokens - skipped:
                yield kind, skipped, side, side


def as_map(tensor: torch.Tensor, kind: str, skipped: int, height: int, width: int) -> torch.Tensor:
    """(C, H, W), float64."""
    value = tensor.detach()[0].double()
    if kind == "NHWC":
        return value.permute(2, 0, 1)
    if kind == "NTC":
        return value[skipped:].T.reshape(-1, height, width)
    return value if kind == "NCHW" else value[:, skipped:].reshape(-1, height, width)


def cam(value: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """Before ReLU: (H, W)."""
    return (gradient.mean((1, 2), keepdim=True) * value).sum(0)
