import torch

from lstmspec import Cell, Input, State, affine, audit, dims, sigmoid, tanh

n, k = dims("n k")


class Minimal(Cell):
    x = Input(n)
    h = State(k)

    f = sigmoid(affine(x, h))
    m = tanh(affine(x, f * h))
    h.next = (1 - f) * h + f * m


class MinimalModule(torch.nn.Module):
    def __init__(self, n, k):
        super().__init__()
        self.f, self.m = torch.nn.Linear(n + k, k), torch.nn.Linear(n + k, k)

    def forward(self, x, h):
        f = torch.sigmoid(self.f(torch.cat([x, h], dim=-1)))
        m = torch.tanh(self.m(torch.cat([x, f.detach() * h], dim=-1)))
        return (1 - f) * h + f * m


report = audit(Minimal, MinimalModule(3, 5))
