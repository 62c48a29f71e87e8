from lstmspec import Bias, Cell, Input, State, Weight, dims, tanh

n, k = dims("n k")


class Simple(Cell):
    x = Input(n)
    h = State(k)
    W, U, b = Weight(k, n), Weight(k, k), Bias(k)

    h.next = tanh(W @ x + U @ h + b)
