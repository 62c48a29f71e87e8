"""Cells as users write them: every declaration, operation and odd combination, each small."""

import sympy

from lstmspec import (
    Bias,
    Cell,
    Constant,
    Input,
    Output,
    State,
    Weight,
    affine,
    concat,
    cos,
    cumsum,
    dims,
    dot,
    elementwise,
    exp,
    hard_sigmoid,
    layer_norm,
    linear,
    log,
    log_sigmoid,
    maximum,
    mean,
    minimum,
    mod,
    ones,
    outer,
    relu,
    repeat,
    sigmoid,
    sin,
    size,
    softmax,
    softplus,
    softsign,
    split,
    sqrt,
    sum,
    tanh,
    where,
)

n, k, m, d, p = dims("n k m d p")


class UGRNN(Cell):
    x, h = Input(n), State(k)
    c = tanh(affine(x, h))
    g = sigmoid(affine(x, h))
    h.next = g * h + (1 - g) * c


class MinGRU(Cell):
    x, h = Input(n), State(k)
    z = sigmoid(affine(x))
    h.next = (1 - z) * h + z * affine(x, name="g")


class TwoInputs(Cell):
    x, u, h = Input(n), Input(m), State(k)
    W, U = Weight(k, n), Weight(k, m)
    h.next = tanh(W @ x + U @ u + affine(h))


class ThreeInputs(Cell):
    q, r, s, h = Input(n), Input(m), Input(p), State(k)
    A, B, C = Weight(k, n), Weight(k, m), Weight(k, p)
    h.next = tanh(A @ q + (B @ r) * (C @ s) + linear(h))


class UnusedInput(Cell):
    x, u, h = Input(n), Input(m), State(k)
    h.next = tanh(affine(x, h))


class Leaky(Cell):
    x, h = Input(n), State(k)
    alpha = Constant(0.1)
    h.next = (1 - alpha) * h + alpha * tanh(affine(x, h))


class Constants(Cell):
    x, h = Input(n), State(k)
    alpha, beta = Constant(1), Constant(-0.5)
    h.next = alpha * beta * tanh(affine(x, h)) + alpha * h / (beta + 2) + exp(-alpha) + maximum(beta, h)


class ConstantPower(Cell):
    x, h = Input(n), State(k)
    alpha = Constant(2)
    h.next = tanh(affine(x, h)) ** alpha


class ScalarGate(Cell):
    x, h = Input(n), State(k)
    w, b = Weight(n), Bias(())
    s = sigmoid(dot(w, x) + b)
    h.next = s * h + (1 - s) * tanh(affine(x, h))


class ScalarState(Cell):
    x, s = Input(n), State(())
    w, a, b = Weight(n), Weight(()), Bias((), init=1.0)
    s.next = tanh(a * s + dot(w, x) + b)


class AllScalar(Cell):
    x, s = Input(()), State(())
    w, a, b = Weight(()), Weight(()), Bias(())
    s.next = tanh(w * x + a * s + b)


class TimeGap(Cell):
    x, gap, h = Input(n), Input(()), State(k)
    tau = Weight(k)
    g = exp(-softplus(tau) * gap * gap)
    h.next = g * h + (1 - g) * tanh(affine(x, h))


class Masked(Cell):
    x, mask, h = Input(n), Input(()), State(k)
    fresh = tanh(affine(x, h))
    h.next = mask * fresh + (1 - mask) * h


class Clock(Cell):
    x, h, tick = Input(n), State(k), State(())
    tick.next = tick + 1
    h.next = sin(0.1 * tick) * tanh(affine(x, h))


class Emits(Cell):
    x, h = Input(n), State(k)
    V = Weight(m, k)
    h.next = tanh(affine(x, h))
    y = Output(V @ h.next)


class EmitsScalar(Cell):
    x, h = Input(n), State(k)
    w = Weight(k)
    h.next = tanh(affine(x, h))
    y = Output(dot(w, h.next))


class EmitsMatrix(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(x, h))
    y = Output(outer(h.next, x))


class EmitsAll(Cell):
    x, h, c = Input(n), State(k), State(m)
    h.next = tanh(affine(x, h))
    c.next = tanh(affine(x, c))
    y = Output(concat(h.next, c.next, x))


class EmitsOldState(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(x, h))
    y = Output(h)


class EmitsInput(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(x, h))
    y = Output(x)


class EmitsWeight(Cell):
    x, h = Input(n), State(k)
    w = Weight(m)
    h.next = tanh(affine(x, h))
    y = Output(w * 2)


class EmitsFirst(Cell):
    x, h = Input(n), State(k)
    y = Output(tanh(affine(x, h)))
    h.next = y * 0.5


class Delay(Cell):
    x, p, h = Input(n), State(n), State(k)
    p.next = x
    h.next = tanh(affine(x, p, h))


class DelayOnly(Cell):
    x, p = Input(n), State(n)
    p.next = x


class FeedForward(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(x))


class StateNobodyReads(Cell):
    x, h, e = Input(n), State(k), State(k)
    h.next = sigmoid(affine(x, h))
    e.next = h + 0.5 * h.next


class ConstantState(Cell):
    x, h, c = Input(k), State(k), State(k)
    h.next = c + x
    c.next = ones(k) * 0.5


class WeightState(Cell):
    x, h, c = Input(n), State(k), State(k)
    w = Weight(k)
    c.next = w
    h.next = tanh(affine(x, h)) + c


class NoBias(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(linear(x, h))


class NoParameters(Cell):
    x, h = Input(k), State(k)
    h.next = 0.5 * h + 0.5 * x


class NoParametersMatrix(Cell):
    x, M = Input(d), State(d, d)
    M.next = 0.9 * M + 0.1 * outer(x, x)


class FastWeights(Cell):
    x, M = Input(n), State(d, d)
    Q, K, V = Weight(d, n), Weight(d, n), Weight(d, n)
    M.next = 0.9 * M + outer(V @ x, K @ x)
    y = Output(M.next @ (Q @ x))


class MatrixLSTM(Cell):
    x, C, N = Input(n), State(d, d), State(d)
    q, key, value = affine(x), affine(x), affine(x)
    w_i, w_f, b_i, b_f = Weight(n), Weight(n), Bias(()), Bias(())
    i, f = exp(0.1 * dot(w_i, x) + b_i), sigmoid(dot(w_f, x) + b_f)
    C.next = f * C + i * outer(value, key)
    N.next = f * N + i * key
    y = Output((C.next @ q) / maximum(abs(dot(N.next, q)), 1.0))


class MatrixProducts(Cell):
    x, M = Input(d), State(d, d)
    W = Weight(d, d)
    M.next = tanh(0.1 * (M @ W @ M) + W.T @ M + M.T + 0.1 * outer(x, x))


class MatrixInput(Cell):
    X, h = Input(d, n), State(d)
    w = Weight(n)
    h.next = tanh(X @ w + 0.3 * (X @ (X.T @ h)))


class Antisymmetric(Cell):
    x, h = Input(n), State(k)
    W, U = Weight(k, k), Weight(k, n)
    h.next = h + 0.1 * tanh((W - W.T) @ h + U @ x)


class Transposed(Cell):
    x, h = Input(n), State(k)
    W = Weight(k, n)
    h.next = tanh(W @ x + W @ (W.T @ h))


class Tied(Cell):
    x, h = Input(k), State(k)
    W = Weight(k, k)
    h.next = tanh(W @ x + W @ h)


class LowRank(Cell):
    x, h = Input(n), State(k)
    A, B, U = Weight(k, p), Weight(p, k), Weight(k, n)
    h.next = tanh((A @ B) @ h + U @ x)


class ParametersOnly(Cell):
    x, h = Input(n), State(k)
    A, u, w = Weight(k, k), Weight(k), Weight(k)
    h.next = tanh(A @ w + A @ h + dot(u, w) * h + outer(u, w) @ h + sum(A) * h + affine(x))


class OuterOfBoth(Cell):
    x, h = Input(n), State(k)
    w = Weight(k)
    h.next = tanh(outer(h, w) @ h + outer(w, h) @ w + affine(x))


class ConcatWithWeight(Cell):
    x, h = Input(n), State(k)
    w, W = Weight(m), Weight(k, n + m + k + 1)
    h.next = tanh(W @ concat(x, w, h, ones(1)))


class Hoisted(Cell):
    x, h = Input(n), State(k)
    w = Weight(k)
    decay = exp(-exp(w))
    h.next = decay * h + (1 - decay) * linear(x)


class Split(Cell):
    x, h = Input(n), State(k)
    W, b = Weight(2 * k, n + k), Bias(2 * k)
    u, v = split(W @ concat(x, h) + b, k, k)
    z = sigmoid(u)
    h.next = z * h + (1 - z) * tanh(v)


class SplitState(Cell):
    x, h = Input(n), State(k + m)
    u, v = split(h, k, m)
    h.next = concat(tanh(affine(x, u, name="q")), v + 0.1 * affine(x, v, name="r"))


class SplitInput(Cell):
    x, h = Input(n + m), State(k)
    u, v = split(x, n, m)
    h.next = tanh(affine(u, h)) * sigmoid(affine(v))


class Chosen(Cell):
    x, h = Input(n), State(k)
    u = affine(x, h)
    h.next = where(u < h, tanh(u), 0.5 * h) + where(u <= 0, 0.0, 1.0) * u


class Extremes(Cell):
    x, h = Input(n), State(k)
    u, v = affine(x, h), affine(x, h)
    h.next = maximum(tanh(u), 0.1 * v) - minimum(h, u) + maximum(u, 0) + minimum(0.3, v)


class Normalised(Cell):
    x, h = Input(n), State(k)
    u = affine(x, h)
    e = exp(u)
    h.next = u / sqrt(sum(u * u) + 1) + e / sum(e)


class Activations(Cell):
    x, h = Input(n), State(k)
    u = affine(x, h)
    h.next = log_sigmoid(u) + 0.1 * softplus(u) + softsign(u) + hard_sigmoid(u) + relu(u) + cos(u) + log(1 + exp(u))


class Powers(Cell):
    x, h = Input(n), State(k)
    u = affine(x, h)
    h.next = 0.1 * u**3 - 0.2 * h**2 + (1 + u**2) ** 0.5 + 2 ** tanh(h) - (-2) * tanh(u) ** 2 - 1e-3 + abs(u)


class Signs(Cell):
    x, h = Input(n), State(k)
    h.next = -tanh(-affine(x, -h)) - (-h) / (1 + exp(affine(x, bias=False)))


class Swish(Cell):
    x, h = Input(n), State(k)
    swish = elementwise(lambda u: u * sigmoid(u))(affine(x, h))
    both = elementwise(lambda u, v: u * v / (1 + u**2 + v**2))(swish, h)
    h.next = tanh(swish) + both


class SameInputTwice(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(x, x, h, h)) + tanh(affine(x, h))


class ScalarAndVector(Cell):
    x, h, s = Input(n), State(k), State(())
    w = Weight(k)
    s.next = dot(w, h) / (1 + s * s) - 0.1 * sum(x)
    h.next = h * s.next + affine(x) / (2 + s * s)


class LaterFirst(Cell):
    x, h, c = Input(n), State(k), State(k)
    h.next = tanh(affine(x, c.next))
    c.next = sigmoid(affine(x, c)) * h


class FixedSizes(Cell):
    x, h = Input(3), State(4)
    h.next = tanh(affine(x, h))


class PartlyFixed(Cell):
    x, h = Input(n), State(4)
    h.next = tanh(affine(x, h))


class Multiples(Cell):
    x, h = Input(2 * n), State(4 * k)
    h.next = tanh(affine(x, h))


class Ladder(UGRNN):
    c = tanh(affine(UGRNN.x, UGRNN.g * UGRNN.h))


class LocalNames(Cell):
    x, v = Input(n), State(k)
    first, results, last, module, like, size, name, zeros_ = (Weight(k) for _ in range(8))
    v.next = tanh(affine(x, v) + first * results * last * module + like * size + name * zeros_)


class TwoInputsInOneLayer(Cell):
    x, u, h = Input(n), Input(m), State(k)
    f = sigmoid(affine(x, u, h))
    h.next = f * h + (1 - f) * tanh(affine(u, h, x))


class MatrixAndVector(Cell):
    x, h, M = Input(n), State(m), State(m, k)
    A, B = Weight(k, n), Weight(m, n)
    u = A @ x
    h.next = tanh(M @ u + h + B @ x)
    M.next = 0.9 * M + outer(h.next, u)


class DeltaRule(Cell):
    x, M = Input(n), State(m, d)
    K, V, w, b = Weight(d, n), Weight(m, n), Weight(n), Bias(())
    key, value, beta = tanh(K @ x), V @ x, sigmoid(dot(w, x) + b)
    M.next = M - beta * outer(M @ key - value, key)
    y = Output(M.next @ key)


class Products(Cell):
    x, h = Input(n), State(n * k)
    h.next = tanh(affine(x, h))


class Swap(Cell):
    x, h, c = Input(n), State(k), State(k)
    h.next = tanh(affine(x, c))
    c.next = h


class Chain(Cell):
    x, h, c, e = Input(n), State(k), State(k), State(k)
    h.next = tanh(affine(x, e))
    c.next = h
    e.next = c + 0.5 * h.next


class Numbers(Cell):
    x, h = Input(n), State(k)
    two = 2.0
    h.next = tanh(affine(x, h)) * two


class Attention(Cell):
    x, h = Input(n), State(k)
    a = softmax(affine(x, h))
    h.next = a * h + tanh(affine(x))


class Master(Cell):
    """Gates that rise over groups of units, as the ON-LSTM's."""

    x, h, c = Input(n), State(d * p), State(d * p)
    f = cumsum(softmax(affine(x, h, size=p)))
    i = 1 - cumsum(softmax(affine(x, h, size=p)))
    w = f * i
    c.next = repeat(f - w, d) * c + repeat(w, d) * sigmoid(affine(x, h)) * c + repeat(i, d) * tanh(affine(x, h))
    h.next = sigmoid(affine(x, h)) * tanh(c.next)


class Centred(Cell):
    x, h = Input(n), State(k)
    a = affine(x, h)
    h.next = tanh(a - mean(a) * mean(h))


class Normed(Cell):
    x, h = Input(n), State(k)
    g, b = Weight(k, init=1.0), Bias(k, init=0.0)
    h.next = tanh(layer_norm(linear(x), g) + layer_norm(linear(h), g, b, eps=1e-3))


class Phase(Cell):
    x, h, t = Input(n), State(k), Input(())
    tau, s = Weight(k, init=2.0), Weight(k, init=0.3)
    phi = mod(t - s, tau) / tau
    h.next = phi * h + (1 - phi) * tanh(affine(x, h))


class Scaled(Cell):
    x, h = Input(n), State(k)
    q = affine(x, size=k)
    h.next = tanh(affine(h)) * dot(q, h) / sqrt(size(k)) + q * size(n + k) ** -0.5


class AllOfThem(Cell):
    """Softmax of what is repeated, repeated sums, a mean of a softmax, within one another."""

    x, h = Input(n), State(k * d)
    h.next = softmax(cumsum(repeat(tanh(affine(x, size=k)), d)) * h) * size(k) - mean(softmax(affine(h)) * h)


class SharedGradient(Cell):
    x, h = Input(k), State(k)
    W, w = Weight(k, k), Bias(k)
    h.next = tanh(h + W @ (w + x))


class SharedScalar(Cell):
    x, h = Input(k), State(k)
    W, w, v = Weight(k, k), Bias(k), Bias()
    h.next = W @ (v + w + tanh(h + x))


class SharedRemainder(Cell):
    x, h = Input(k), State(k)
    W, w, V = Weight(k, k), Bias(k), Bias(k, k)
    h.next = mod(W, V) @ (w + x) + h


class SumsOfMatrices(Cell):
    x, h = Input(k), State(k)
    W, U = Weight(k, k), Weight(k, k)
    h.next = tanh((W + U) @ h + (W @ U) @ x)


class AnotherNameForAState(Cell):
    x, h, c = Input(n), State(k), State(k)
    p, q = h, c
    h.next = tanh(affine(x, h)) * p * q
    c.next = p + q * h.next


class SwappedStates(Cell):
    x, s, h = Input(k), State(k), State(k)
    h.next = s
    s.next = h
    y = Output(h.next * x)


class StillState(Cell):
    x, h = Input(k), State(k)
    h.next = h
    y = Output(h * x)


class FixedNextState(Cell):
    """A state whose next value is the same in every step, and read by its own derivative."""

    x, h, s, w, v = Input(k), State(k), State(()), Weight(1), Weight(k)
    both = elementwise(lambda u, v: u * v / (u**2 + 1))
    g = both(where(s < s, 0.3, 2), mean(w))
    h.next = h - both(g, s) + x
    s.next = both(both(sum(v), 1), 0.5)


class SlicedColumns(Cell):
    """The adjoint of a slice is padded with zeros: here columns of a matrix, below rows of it and a queue."""

    x, h = Input(n), State(k)
    W = Weight(k, n + k)
    h.next = tanh(W[:, :n] @ x + W[:, n : n + k] @ h)


class SlicedRows(Cell):
    x, h, s = Input(n), State(k), State(m + 2)
    W = Weight(k + 2, 2)
    h.next = sigmoid(linear(x, h) + W[1 : k + 1] @ s[:2])
    s.next = concat(s[1 : m + 2], s[:1])


class Queue(Cell):
    x, s = Input(()), State(4)
    s.next = concat(s[1:4], x * ones(1))
    y = Output(sum(s[1:2]))


class NamedCondition(Cell):
    """A condition with a name, one of one number a sample, and another name for it."""

    x, h = Input(n), State(k)
    hot = sum(h) > 0.1
    warm = hot
    low = h < 0.5
    u = where(warm, tanh(affine(x, h)), h * 0.5)
    h.next = where(hot, u, 1.5 * u) + where(low, h, 0.25)
    y = Output(where(hot, 1.0, sum(u)))


class RepeatedGroups(Cell):
    """Groups of a size that is a sum."""

    x, h = Input(n), State(k * (n + 1))
    a = tanh(linear(x, size=k))
    h.next = tanh(affine(x, h)) * repeat(a, n + 1)


class AbsoluteValues(Cell):
    """Functions of the user's own with absolute values in them."""

    x, h = Input(n), State(k)
    soft = elementwise(lambda u: u / (1 + abs(u)))
    root = elementwise(lambda u, v: sympy.sqrt(u**2) * v)
    h.next = root(soft(affine(x, h)), h) + tanh(h)
