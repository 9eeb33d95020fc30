"""The shares of a sum, added up in the order of the workers."""


def combine(args, lo, hi, worker):
    shares = pointer(args[0], FLOAT)
    workers, columns = uint64(args[1]), uint64(args[2])
    target = pointer(args[3], FLOAT)
    for j in points(columns):
        target[j] = shares[j]
    for w in range(uint64(1), workers):
        for j in points(columns):
            target[j] = target[j] + shares[w * columns + j]
