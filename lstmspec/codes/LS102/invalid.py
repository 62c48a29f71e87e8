from lstmspec import Bias, Cell, Input, State, Weight, concat, dims, sigmoid, tanh

n, k = dims("n k")


class Gated(Cell):
    x = Input(n)
    h = State(k)
    W, b = Weight(k, n + k), Bias(k)
    U = Weight(k, n + k)

    f = sigmoid(W @ x + b)
    h.next = f * tanh(U @ concat(x, h))
