"""A kernel's source -> LLVM code.

Known: assignments (to names, several names, memory), `for ... in range(...)`, `for ... in points(...)`, `while`, `if`,
`break`, `continue`, `return`, arithmetic, comparisons, `and`, `or`, `not`, `x if c else y`, words, and functions of the
same file, whose code is put where they are called.
"""

import ast
import types

from llvmlite import ir

from kerasish.backend.numpy.native.language import blocks, numbers, vectors, vocabulary
from kerasish.backend.numpy.native.language.numbers import KernelError, Pointer, Value
from kerasish.backend.numpy.native.language.points import Points
from kerasish.backend.numpy.native.language.words import Inlined, Word

WORD = ir.IntType(64)
_BINARY = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
}
_COMPARISONS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_PURE = (
    ast.Name,
    ast.Constant,
    ast.BinOp,
    ast.UnaryOp,
    ast.Compare,
    ast.IfExp,
    ast.operator,
    ast.unaryop,
    ast.cmpop,
    ast.Load,
)


_WORDS = {"vocabulary": vocabulary.NAMES, "vectors": vectors.NAMES, "blocks": blocks.NAMES}


def module_of(source, names, symbol, triple):
    """An LLVM module with the function `symbol(int64_t* args, int64_t lo, int64_t hi, int64_t worker)`.

    Or, where the Source has `parameters`, with a C function of such: they are numbers, and what it returns is an int32.
    """
    module, filename = ir.Module(symbol), source.filename
    module.triple = triple
    if source.parameters is None:
        kind = ir.FunctionType(ir.VoidType(), [WORD.as_pointer(), WORD, WORD, WORD])
        kinds = [Pointer("int64"), "int64", "int64", "int64"]
    else:
        kinds = list(source.parameters)
        kind = ir.FunctionType(ir.IntType(32), [numbers.LLVM[name] for name in kinds])
    entry = ir.Function(module, kind, symbol)
    tree = ast.parse(source.text, filename)
    scope = dict(names)
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            scope[statement.name] = Inlined(statement, scope)
        elif isinstance(statement, ast.ImportFrom) and (known := _WORDS.get(statement.module.rpartition(".")[2])):
            scope.update({alias.asname or alias.name: known.get(alias.name) for alias in statement.names})
        else:
            exec(compile(ast.Module([statement], []), filename, "exec"), scope)
    builder = ir.IRBuilder(entry.append_basic_block("entry"))
    translator = _Translator(builder, filename)
    result = translator.inline(scope[source.function], [Value(kind, x) for kind, x in zip(kinds, entry.args)])
    if source.parameters is None:
        builder.ret_void()
    else:
        builder.ret(numbers.convert(builder, result or numbers.literal(0), "int32").llvm)
    return module


class _Frame:
    """A function that is being put in place: its variables, and where `return` goes."""

    def __init__(self, names, after):
        self.names, self.after = names, after
        self.variables, self.results = {}, None


class _Translator:
    def __init__(self, builder, filename):
        self.builder, self.filename = builder, filename
        self.frame, self.loops, self.points = None, [], None

    def inline(self, function, values):
        """Put the code of `function` here; returns its Value, or None."""
        parameters = [a.arg for a in function.syntax.args.args]
        if len(parameters) != len(values):
            raise KernelError(f"`{function.__name__}` takes {len(parameters)} arguments, got {len(values)}.")
        outer, loops = self.frame, self.loops
        self.frame, self.loops = _Frame(function.names, self.builder.append_basic_block("after")), []
        for name, value in zip(parameters, values):
            self._assign_name(name, value)
        self._block(function.syntax.body)
        if not self.builder.block.is_terminated:
            self.builder.branch(self.frame.after)
        self.builder.position_at_end(self.frame.after)
        results = self.frame.results
        self.frame, self.loops = outer, loops
        found = [Value(kind, self.builder.load(place)) for kind, place in results or ()]
        return found[0] if len(found) == 1 else found or None

    # -- statements -------------------------------------------------------------------------------------------------

    def _block(self, statements):
        for statement in statements:
            if self.builder.block.is_terminated:
                return
            try:
                getattr(self, "_" + type(statement).__name__.lower(), self._unknown)(statement)
            except KernelError as error:
                if not getattr(error, "placed", False):
                    error.placed = True
                    error.args = (
                        f"{self.filename}, line {statement.lineno}: {error.args[0]} "
                        f"({ast.unparse(statement).splitlines()[0]})",
                    )
                raise

    def _unknown(self, node):
        raise KernelError(f"The language of kernels has no {type(node).__name__}.")

    def _pass(self, node):
        pass

    def _expr(self, node):
        if not isinstance(node.value, ast.Constant):
            self._value(node.value)

    def _assign(self, node):
        for target in node.targets:
            self._assign_to(target, node.value)

    def _assign_to(self, target, value):
        if isinstance(target, ast.Tuple):
            found = [self._value(v) for v in value.elts] if isinstance(value, ast.Tuple) else self._value(value)
            if not isinstance(found, list) or len(target.elts) != len(found):
                raise KernelError("Several names need as many values beside the `=`.")
            for name, each in zip(target.elts, found):
                self._store(name, each)
        else:
            self._store(target, self._value(value))

    def _augassign(self, node):
        current = self._value(ast.copy_location(ast.parse(ast.unparse(node.target), mode="eval").body, node))
        self._store(
            node.target, numbers.arithmetic(self.builder, _BINARY[type(node.op)], current, self._value(node.value))
        )

    def _store(self, target, value):
        if isinstance(target, ast.Name):
            self._assign_name(target.id, value)
        elif isinstance(target, ast.Subscript):
            place = self._place(target)
            self._access(self.builder.store(numbers.to_store(self.builder, value, place.kind.item), place.llvm))
        else:
            raise KernelError("Only names and memory can be assigned to.")

    def _assign_name(self, name, value):
        if value is None:
            raise KernelError(f"What is assigned to `{name}` has no value.")
        kind = value.kind
        found = self.frame.variables.get(name)
        if found is None:
            found = self.frame.variables[name] = (kind, self._variable(kind, name))
        if found[0] != kind:
            if not isinstance(kind, str) or not isinstance(found[0], str):
                raise KernelError(f"`{name}` is {found[0]} and can't become {kind}.")
            value = numbers.convert(self.builder, value, found[0])
        self.builder.store(value.llvm, found[1])

    def _variable(self, kind, name):
        """Variables live in the entry block, where LLVM turns them into registers."""
        with self.builder.goto_entry_block():
            return self.builder.alloca(numbers.llvm_type(kind), name=name)

    def _return(self, node):
        if node.value is not None:
            values = [self._value(v) for v in (node.value.elts if isinstance(node.value, ast.Tuple) else [node.value])]
            if self.frame.results is None:
                self.frame.results = [(value.kind, self._variable(value.kind, "result")) for value in values]
            for value, (kind, place) in zip(values, self.frame.results):
                self.builder.store(numbers.convert(self.builder, value, kind).llvm, place)
        self.builder.branch(self.frame.after)

    def _if(self, node):
        test = self._value(node.test)
        if test.literal is not None:  # known now: the other side is not even looked at
            self._block(node.body if test.literal else node.orelse)
            return
        condition = numbers.truth(self.builder, test)
        then, otherwise, after = (self.builder.append_basic_block(name) for name in ("then", "else", "after"))
        self.builder.cbranch(condition.llvm, then, otherwise)
        for block, body in ((then, node.body), (otherwise, node.orelse)):
            self.builder.position_at_end(block)
            self._block(body)
            if not self.builder.block.is_terminated:
                self.builder.branch(after)
        self.builder.position_at_end(after)

    def _while(self, node):
        head, body, after = (self.builder.append_basic_block(name) for name in ("while", "body", "after"))
        self.builder.branch(head)
        self.builder.position_at_end(head)
        self.builder.cbranch(numbers.truth(self.builder, self._value(node.test)).llvm, body, after)
        self._loop_body(node, body, head, after)

    def _loop_body(self, node, body, again, after):
        if node.orelse:
            raise KernelError("A loop has no `else` here.")
        self.loops.append((again, after))
        self.builder.position_at_end(body)
        self._block(node.body)
        if not self.builder.block.is_terminated:
            self.builder.branch(again)
        self.loops.pop()
        self.builder.position_at_end(after)

    def _for(self, node):
        start, stop, step, apart = self._range(node.iter)
        kind, builder = start.kind, self.builder
        counter = self._variable(kind, "counter")
        builder.store(start.llvm, counter)
        head, body, again, after = (builder.append_basic_block(name) for name in ("for", "body", "next", "after"))
        builder.branch(head)
        builder.position_at_end(head)
        down = step.literal is not None and step.literal < 0
        builder.cbranch(
            numbers.compare(builder, ">" if down else "<", Value(kind, builder.load(counter)), stop).llvm, body, after
        )
        builder.position_at_end(again)
        amount = numbers.convert(builder, step, kind).llvm
        # the counter never wraps: it stays below `stop`
        builder.store(
            builder.add(builder.load(counter), amount, flags=("nsw",) if numbers.is_signed(kind) else ("nuw",)), counter
        )
        back = builder.branch(head)
        builder.position_at_end(body)
        self._assign_name(node.target.id, Value(kind, builder.load(counter)))
        outer = self.points
        if apart:
            self.points = Points(builder.module)
            self.points.close(back)
        self._loop_body(node, builder.block, again, after)
        self.points = outer

    def _range(self, call):
        """(start, stop, step) of `range` or `points`, and whether it is `points`: turns that leave each other alone."""
        if not (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id in ("range", "points")
            and 1 <= len(call.args) <= 3
        ):
            raise KernelError("A `for` goes over range(...) or points(...).")
        found = [self._value(a) for a in call.args]
        start, stop = (numbers.literal(0), found[0]) if len(found) == 1 else found[:2]
        start, stop = numbers.together(self.builder, start, stop)
        return start, stop, found[2] if len(found) == 3 else numbers.literal(1), call.func.id == "points"

    def _break(self, node):
        self.builder.branch(self.loops[-1][1])

    def _continue(self, node):
        self.builder.branch(self.loops[-1][0])

    # -- expressions ------------------------------------------------------------------------------------------------

    def _value(self, node):
        return getattr(self, "_value_of_" + type(node).__name__.lower(), self._unknown)(node)

    def _value_of_constant(self, node):
        if not isinstance(node.value, (bool, int, float)):
            raise KernelError(f"{node.value!r} is no number.")
        return numbers.literal(node.value)

    def _value_of_name(self, node):
        found = self.frame.variables.get(node.id)
        if found is not None:
            return Value(found[0], self.builder.load(found[1]))
        return self._global(node)

    def _global(self, node):
        if node.id not in self.frame.names:
            raise KernelError(f"`{node.id}` is not known here.")
        value = self.frame.names[node.id]
        return numbers.literal(value) if isinstance(value, (bool, int, float)) else value

    def _value_of_binop(self, node):
        return numbers.arithmetic(self.builder, _BINARY[type(node.op)], self._value(node.left), self._value(node.right))

    def _value_of_unaryop(self, node):
        value = self._value(node.operand)
        if isinstance(node.op, ast.Not):
            return Value("bool", self.builder.not_(numbers.truth(self.builder, value).llvm))
        if isinstance(node.op, ast.USub):
            return numbers.negative(self.builder, value)
        if isinstance(node.op, ast.Invert):
            return Value(value.kind, self.builder.not_(value.llvm))
        return value

    def _value_of_compare(self, node):
        values = [self._value(v) for v in (node.left, *node.comparators)]
        tests = [
            numbers.compare(self.builder, _COMPARISONS[type(op)], x, y)
            for op, x, y in zip(node.ops, values, values[1:])
        ]
        result = tests[0]
        for test in tests[1:]:
            result = Value("bool", self.builder.and_(result.llvm, test.llvm))
        return result

    def _value_of_boolop(self, node):
        """The right side is only looked at where the left one leaves it open."""
        result = self._variable("bool", "either")
        after = self.builder.append_basic_block("after")
        for place, operand in enumerate(node.values):
            value = numbers.truth(self.builder, self._value(operand))
            self.builder.store(value.llvm, result)
            if place == len(node.values) - 1:
                self.builder.branch(after)
                break
            further = self.builder.append_basic_block("further")
            self.builder.cbranch(value.llvm, *((further, after) if isinstance(node.op, ast.And) else (after, further)))
            self.builder.position_at_end(further)
        self.builder.position_at_end(after)
        return Value("bool", self.builder.load(result))

    def _value_of_ifexp(self, node):
        """Sides that cost nothing are both computed and one is chosen, which is vector code; others are branches."""
        condition = self._value(node.test)
        if condition.literal is not None:
            return self._value(node.body if condition.literal else node.orelse)
        if all(isinstance(part, _PURE) for side in (node.body, node.orelse) for part in ast.walk(side)):
            return numbers.select(self.builder, condition, self._value(node.body), self._value(node.orelse))
        if self._is_cheap(node.body) and self._is_cheap(node.orelse):
            return numbers.select(self.builder, condition, self._value(node.body), self._value(node.orelse))
        builder = self.builder
        then, otherwise, after = (builder.append_basic_block(name) for name in ("then", "else", "after"))
        builder.cbranch(numbers.truth(builder, condition).llvm, then, otherwise)
        found = []
        for block, side in ((then, node.body), (otherwise, node.orelse)):
            builder.position_at_end(block)
            found.append([self._value(side), builder.block])
        kind = found[0][0].kind if found[0][0].literal is None else found[1][0].kind
        for each in found:
            builder.position_at_end(each[1])
            each[0] = numbers.convert(builder, each[0], kind)
            builder.branch(after)
        builder.position_at_end(after)
        phi = builder.phi(numbers.llvm_type(kind))
        for value, block in found:
            phi.add_incoming(value.llvm, block)
        return Value(kind, phi)

    def _is_cheap(self, node):
        """Whether `node` has nothing but arithmetic and conversions."""
        for part in ast.walk(node):
            if isinstance(part, ast.Call):
                if not (isinstance(part.func, ast.Name) and getattr(self.frame.names.get(part.func.id), "pure", False)):
                    return False
            elif not isinstance(part, _PURE):
                return False
        return True

    def _value_of_subscript(self, node):
        place = self._place(node)
        return numbers.loaded(self.builder, place.kind.item, self._access(self.builder.load(place.llvm)))

    def _access(self, instruction):
        if self.points is not None:
            self.points.belongs(instruction)
        return instruction

    def _place(self, node):
        memory, index = self._value(node.value), self._value(node.slice)
        if not isinstance(memory.kind, Pointer):
            raise KernelError(f"Only memory has places, not {memory.kind}.")
        return Value(
            memory.kind, self.builder.gep(memory.llvm, [numbers.convert(self.builder, index, _wide(index)).llvm])
        )

    def _value_of_call(self, node):
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise KernelError(
                "Only functions of the same file and the language's words can be called, without keywords."
            )
        function = self._global(node.func)
        values = [self._argument(a) for a in node.args]
        if isinstance(function, Inlined):
            return self.inline(function, values)
        if isinstance(function, Word):
            return function.emit(self, *values)
        raise KernelError(f"`{node.func.id}` can't be called here.")

    def _argument(self, node):
        """An argument is a value, or a word (a type)."""
        if (
            isinstance(node, ast.Name)
            and node.id not in self.frame.variables
            and isinstance(self.frame.names.get(node.id), (Word, types.FunctionType))
        ):
            return self.frame.names[node.id]
        return self._value(node)


def _wide(index):
    return index.kind if index.kind in ("int64", "uint64") else "int64" if numbers.is_signed(index.kind) else "uint64"
