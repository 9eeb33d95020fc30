"""How loops and branches run in a Program: their bodies are Programs too, bound to the arrays around them."""

from kerasish.backend.compiler.program import Program, lowering


@lowering("scan")
def lower_scan(node, outputs, inputs, device):
    """Copy slice t in, run the body, copy its results to place t and its carry back."""
    body, carries, length, reverse = (node.attributes[k] for k in ("body", "carries", "length", "reverse"))
    ys = len(body.outputs) - carries
    slices = sum(1 for x, t in zip(inputs[carries:], body.inputs[carries:]) if len(x.shape) == len(t.shape) + 1)
    fixed = {body.inputs[i]: inputs[i] for i in range(carries + slices, len(inputs))}
    program = Program(body, device, fixed)
    state, window = program.inputs[:carries], program.inputs[carries : carries + slices]
    new_state, results = _unaliased(program, state, carries, device), program.outputs[carries:]
    order = range(length - 1, -1, -1) if reverse else range(length)
    finals, stacked, saved = outputs[:carries], outputs[carries : carries + ys], outputs[carries + ys :]
    moves = []
    for t in order:
        before = [(target, device.part(x, t)) for target, x in zip(window, inputs[carries : carries + slices])]
        before += [(device.part(place, t), value) for place, value in zip(saved, state)]
        moves.append((before, [(device.part(place, t), value) for place, value in zip(stacked, results)]))
    copy, start = device.copy_into, list(zip(state, inputs))

    def run():
        for target, value in start:
            copy(target, value)
        for before, after in moves:
            for target, value in before:
                copy(target, value)
            program.run()
            for target, value in after:
                copy(target, value)
            new_state()
        for target, value in zip(finals, state):
            copy(target, value)

    return run


def _unaliased(program, state, carries, device):
    """A function that copies the body's new carry into its inputs; through a detour where a new value lies in another carry's place."""
    new = program.outputs[:carries]
    tangled = any(value is place for value in new for place in state)
    detour = [device.empty(v.shape, device.dtype_name(v)) for v in new] if tangled else new
    pairs = list(zip(detour, new)) if tangled else []

    def copy():
        for target, value in pairs:
            device.copy_into(target, value)
        for target, value in zip(state, detour):
            device.copy_into(target, value)

    return copy


@lowering("while_loop")
def lower_while(node, outputs, inputs, device):
    """Run the condition, fetch its answer, run the body."""
    condition, body, carries = (node.attributes[k] for k in ("condition", "body", "carries"))
    captured, limit = node.attributes["captured"], node.attributes["limit"]
    state = [device.empty(x.shape, device.dtype_name(x)) for x in inputs[:carries]]
    tested, others = inputs[carries : carries + captured], inputs[carries + captured :]
    test = Program(condition, device, dict(zip(condition.inputs, [*state, *tested])))
    work = Program(body, device, dict(zip(body.inputs, [*state, *others])))
    advance = _unaliased(work, state, carries, device)

    def run():
        for target, value in zip(state, inputs):
            device.copy_into(target, value)
        steps = 0
        while limit is None or steps < limit:
            test.run()
            if not device.to_host(test.outputs[0]):
                break
            work.run()
            advance()
            steps += 1
        for target, value in zip(outputs, state):
            device.copy_into(target, value)

    return run


@lowering("cond")
def lower_cond(node, outputs, inputs, device):
    """Fetch the predicate, run one branch, copy its results."""
    predicate, *values = inputs
    programs = [Program(graph, device, dict(zip(graph.inputs, values))) for graph in node.attributes["branches"]]

    def run():
        chosen = programs[0] if device.to_host(predicate) else programs[1]
        chosen.run()
        for target, value in zip(outputs, chosen.outputs):
            device.copy_into(target, value)

    return run


@lowering("custom_gradient")
def lower_custom(node, outputs, inputs, device):
    """The outputs are the first inputs; the rule has done its work when the graph was differentiated."""

    def run():
        for target, value in zip(outputs, inputs):
            device.copy_into(target, value)

    return run
