from lstmspec import Cell, Input, Output, affine, dims, relu

n, k = dims("n k")


class Layer(Cell):
    x = Input(n)

    y = Output(relu(affine(x, size=k)))
