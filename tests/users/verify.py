"""Runs where lstmspec is not imported: a model must not need it. Prints {cell: {check: what is wrong}}."""

import contextlib
import importlib
import inspect
import json
import pickle
import sys

import numpy as np
import torch
from jaxtyping import config

torch.set_default_dtype(torch.float64)


def differ(actual, expected):
    for name, value in expected.items():
        got = np.asarray(actual[name])
        if got.shape != value.shape:
            return f"{name} has shape {got.shape}, not {value.shape}"
        error = np.max(np.abs(got - value) / (1 + np.abs(value)), initial=0)
        if not error <= 1e-12:
            return f"{name} differs by {error:.3g}"
    return ""


@contextlib.contextmanager
def unchecked():
    """No run-time checks: there are thousands of calls, all alike."""
    config.update("jaxtyping_disable", True)
    try:
        yield
    finally:
        config.update("jaxtyping_disable", False)


class Model:
    def __init__(self, name, case):
        self.case = case
        self.nm = importlib.import_module(f"models.{case['folder']}.numpy")
        self.tm = importlib.import_module(f"models.{case['folder']}.torch")
        self.cls = getattr(self.tm, name)
        self.states = list(case["states"])

    def sizes_of(self, function):
        known = inspect.signature(function).parameters
        return {dim: size for dim, size in self.case["sizes"].items() if dim in known}

    def packed(self, dtype=np.float64):
        spec = {name: value.astype(dtype) for name, value in self.case["parameters"].items()}
        return self.nm.Params.from_spec(spec, **self.sizes_of(self.nm.Params.from_spec))

    def numpy(self):
        nm, case = self.nm, self.case
        params = self.packed()
        wrong = differ(params.to_spec(), case["parameters"])
        self.ys, last, self.tape = nm.forward(params, *case["inputs"].values(), nm.State(**case["states"]))
        self.params, self.last = params, vars(last)
        expected = {"output": case["ys"], **case["finals"]}
        return wrong or differ({"output": self.ys, **self.last}, expected)

    def module(self):
        spec = {name: torch.tensor(value) for name, value in self.case["parameters"].items()}
        return self.cls.from_spec(spec, **self.sizes_of(self.cls.from_spec))

    def call(self, module):
        xs = {name: torch.tensor(value, requires_grad=True) for name, value in self.case["inputs"].items()}
        first = {name: torch.tensor(value, requires_grad=True) for name, value in self.case["states"].items()}
        state = tuple(value[None] for value in first.values())
        ys, last = module(*xs.values(), state if len(state) > 1 else state[0])
        last = last if len(state) > 1 else (last,)
        return xs | first, {"output": ys} | {name: v[0] for name, v in zip(self.states, last, strict=True)}

    def torch(self):
        module = self.module()
        results = {name: value.detach() for name, value in self.call(module)[1].items()}
        return differ(module.to_spec(), self.case["parameters"]) or differ(results, {"output": self.ys, **self.last})

    def gradients(self):
        module, d = self.module(), self.case["d"]
        leaves, results = self.call(module)
        sum((results[name] * torch.tensor(value)).sum() for name, value in d.items()).backward()
        finals = self.nm.State(*(d[name] for name in self.states))
        d_params, *d_xs, d_state = self.nm.backward(self.params, self.tape, d["output"], finals)
        theirs = {name: np.zeros(v.shape) if v.grad is None else v.grad.numpy() for name, v in leaves.items()}
        theirs |= {name: v.numpy() for name, v in module.to_spec(grad=True).items()} if self.case["parameters"] else {}
        ours = dict(zip(self.case["inputs"], d_xs, strict=True)) | vars(d_state) | d_params.to_spec()
        return differ(ours, theirs) or differ(theirs, ours)

    def flat(self):
        """The module as a function of tensors, parameters first, for two steps of two samples."""
        module, two = self.module(), slice(0, 2)
        names = [name for name, _ in module.named_parameters()]
        xs = [torch.tensor(value[two, two]) for value in self.case["inputs"].values()]
        first = [torch.tensor(value[None, two]) for value in self.case["states"].values()]

        def function(*args):
            parameters = dict(zip(names, args[: len(names)], strict=True))
            inputs, state = args[len(names) : len(names) + len(xs)], args[len(names) + len(xs) :]
            given = (*inputs, state if len(state) > 1 else state[0])
            ys, last = torch.func.functional_call(module, parameters, given)
            return (ys, *last) if len(state) > 1 else (ys, last)

        return function, [value.detach().clone().requires_grad_() for value in (*module.parameters(), *xs, *first)]

    def gradcheck(self):
        with unchecked():
            return "" if torch.autograd.gradcheck(*self.flat()) else "gradcheck"

    def gradgradcheck(self):
        with unchecked():
            return "" if torch.autograd.gradgradcheck(*self.flat(), fast_mode=True) else "gradgradcheck"

    def usable(self):
        case, nm, sizes = self.case, self.nm, self.sizes_of(self.cls)
        module = self.cls(**sizes, dtype=torch.float32)
        ys, _ = module(*(torch.tensor(value, dtype=torch.float32) for value in case["inputs"].values()))
        params = nm.init(np.random.default_rng(0), **self.sizes_of(nm.init))
        state = nm.zeros(batch=case["batch"], **self.sizes_of(nm.zeros))
        _, last, _ = nm.forward(params, *case["inputs"].values(), state)
        for x in zip(*case["inputs"].values(), strict=True):
            one = nm.step(params, *x, state)
            state = one[1] if isinstance(one, tuple) else one
        again = self.cls(**sizes)
        again.load_state_dict(self.cls(**sizes).state_dict())
        inputs = (value.astype(np.float32) for value in case["inputs"].values())
        first = nm.State(**{name: value.astype(np.float32) for name, value in case["states"].items()})
        small, _, _ = nm.forward(self.packed(np.float32), *inputs, first)
        if (ys.dtype, small.dtype) != (torch.float32, np.float32):
            return f"float32 became {ys.dtype} and {small.dtype}"
        return differ(vars(state), vars(last))


def verdict(check):
    try:
        return check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


found = {}
with open(sys.argv[1], "rb") as stream:
    cases = pickle.load(stream)
for name, case in cases.items():
    try:
        model = Model(name, case)
    except Exception as error:
        found[name] = {check: f"{type(error).__name__}: {error}" for check in sys.argv[2:]}
    else:
        found[name] = {check: verdict(getattr(model, check)) for check in sys.argv[2:]}
assert "lstmspec" not in sys.modules, "a model needs lstmspec"
print(json.dumps(found))
