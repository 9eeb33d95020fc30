# How a segment of native steps runs: by the thread that calls, or by the team. A text in the words of
# language/vocabulary.py.
#
# A segment is a table of int64, a row a step: address, args, units, grain, workers, whether a barrier stands before it.
# A last row with address 0 is the barrier at the end.
#
# Which shares there are is fixed by the table, who does them is not. Worker w claims share w of each step; the calling
# thread, worker 0, also claims what nobody has claimed when its own share is done. So a worker that still sleeps, naps
# or is kept from its processor costs nothing, and joins later: it runs through the rows, finds them claimed and done,
# and meets the others where they are. A barrier is passed when all shares before it are done. Claims are numbers of
# steps, counted through all segments ever, that only grow (`atomic_max`): who raises share w's number has the share.
#
# The team's memory, in lines of 16 numbers so that no two threads write to one cache line. crew.py fills it:
#   line 0, constant: 0 spins of a wait, 1 yields after them, 2 yields after a Program before sleep, 3 sched_yield, 4
# nanosleep, 5 its argument,     6 post of a semaphore, 7 its second argument, 8 wait, 9 its second argument,     10
# memory of BLAS, 11 not 0: left over from the parent process, nobody serves here, 12 function that names the calling
# thread   line 1: 0 whether a Program is in session, 1 whether the workers shall return for good, 2 workers that the
# session wants   line 2: 0 shares done, through all segments. line 4: 0 whether the team is taken, 1 by which thread
# line 3, the segment: 0 its number, odd while it runs, even after, 1 table, 2 rows, 3 workers, 4 steps before it, 5
# shares before it   line 5 + w, of worker w: 0 whether it is inside a segment, 1 whether it sleeps, 2 its semaphore, 3
# the step whose share w was claimed last
#
# BLAS's memory (blas.py): 0 lock, 1 how many hold it, 2 number of libraries, 3 sched_yield, 4 threads it keeps when
# held, then for each library: set, get, threads it had before (0: was not changed).

LINE = 128  # bytes
FIRST = 5


@helper
def one_share(row, worker):
    """Do one worker's share of a step; the blocks are those of step.share."""
    units, grain, workers = row[2], row[3], row[4]
    if workers == 1:
        call(row[0], row[1], 0, units, 0)
        return
    block = workers * grain
    size = (units + block - 1) // block * grain
    lo, hi = worker * size, worker * size + size
    call(row[0], row[1], lo if lo < units else units, hi if hi < units else units, worker)


@helper
def alone(table, rows):
    """All steps on this thread, each with all its shares."""
    for i in range(rows):
        row = pointer(table + i * 48, int64)
        if row[0] != 0:
            for worker in range(row[4]):
                one_share(row, worker)


@helper
def rest(state, turn):
    """Wait a moment: the longer it has taken, the more of the processor is given away."""
    constant = pointer(state, int64)
    if turn < constant[0]:
        pause()
    elif turn < constant[0] + constant[1]:
        call_c(constant[3], 0, 0, 0)
    else:
        call_c(constant[4], constant[5], 0, 0)


@helper
def wait_for(state, shares):
    """Return when so many shares are done."""
    done, constant = state + 2 * LINE, pointer(state, int64)
    turn = 0
    while atomic_load(done) < shares:
        if turn < constant[0]:
            pause()
        else:
            call_c(constant[3], 0, 0, 0)
        turn += 1


@helper
def claim(state, worker, step):
    """Whether share `worker` of a step is the caller's to do."""
    place = state + (FIRST + worker) * LINE + 24
    return atomic_load(place) < step and atomic_max(place, step) < step


@helper
def together(state, worker):
    """One worker's way through the segment that runs."""
    segment = pointer(state + 3 * LINE, int64)
    table, rows, step, shares = segment[1], segment[2], segment[4], segment[5]
    for i in range(rows):
        row = pointer(table + i * 48, int64)
        step += 1
        if row[5] != 0:
            wait_for(state, shares)
        if row[0] == 0:
            continue
        count = row[4]
        shares += count
        if count == 1:
            if worker == 0:
                one_share(row, 0)
                atomic_add(state + 2 * LINE, 1)
        elif worker < count:
            if claim(state, worker, step):
                one_share(row, worker)
                atomic_add(state + 2 * LINE, 1)
            if worker == 0:
                for other in range(1, count):
                    if claim(state, other, step):
                        one_share(row, other)
                        atomic_add(state + 2 * LINE, 1)
    return shares


@helper
def rouse(state, worker):
    """Wake a worker where it sleeps."""
    line = state + (FIRST + worker) * LINE
    if atomic_load(line + 8) != 0 and atomic_exchange(line + 8, 0) != 0:
        constant = pointer(state, int64)
        call_c(constant[6], atomic_load(line + 16), constant[7], 0)


@helper
def enter(state, workers):
    """A Program begins: one worker is woken here, and wakes two more, and so on."""
    atomic_store(state + LINE + 16, workers)
    atomic_store(state + LINE, 1)
    if workers > 1:
        rouse(state, 1)


@helper
def lead(state, table, rows, workers):
    """The calling thread takes the team through a segment."""
    segment = pointer(state + 3 * LINE, int64)
    segment[1], segment[2], segment[3] = table, rows, workers
    atomic_add(state + 3 * LINE, 1)
    shares = together(state, 0)
    atomic_add(state + 3 * LINE, 1)
    for worker in range(1, workers):  # nobody may read the table when this returns
        turn = 0
        while atomic_load(state + (FIRST + worker) * LINE) != 0:
            pause()
            turn += 1
            if turn > 1000:
                call_c(atomic_load(state + 24), 0, 0, 0)
    segment[4] += rows
    segment[5] = shares


@helper
def hold(blas):
    word = pointer(blas, int64)
    while atomic_exchange(blas, 1) != 0:
        call_c(word[3], 0, 0, 0)
    if word[1] == 0:
        for i in range(word[2]):
            library = pointer(blas + 40 + i * 24, int64)
            now = call_c(library[1], 0, 0, 0) & 0x7FFFFFFF
            library[2] = 0
            if now > word[4]:
                library[2] = now
                call_c(library[0], word[4], 0, 0)
    word[1] += 1
    atomic_store(blas, 0)


@helper
def release(blas):
    word = pointer(blas, int64)
    while atomic_exchange(blas, 1) != 0:
        call_c(word[3], 0, 0, 0)
    if word[1] > 0:  # a child of fork starts with nobody inside
        word[1] -= 1
        if word[1] == 0:
            for i in range(word[2]):
                library = pointer(blas + 40 + i * 24, int64)
                if library[2] > 0:
                    call_c(library[0], library[2], 0, 0)
    atomic_store(blas, 0)


def hold_blas(args, lo, hi, worker):
    """args: BLAS's memory."""
    hold(address_of(args))


def release_blas(args, lo, hi, worker):
    release(address_of(args))


def walk_alone(args, lo, hi, worker):
    """Steps on the calling thread. lo: table; hi: rows."""
    alone(lo, hi)


def run_alone(args, lo, hi, worker):
    """A whole Program on the calling thread. args: BLAS's memory; lo: table; hi: rows."""
    hold(address_of(args))
    alone(lo, hi)
    release(address_of(args))


@helper
def take(state, workers):
    """Take the team for a Program: 1.

    2 where this thread has it already, between two segments of a Program that this one is a step of; 0 where another.
    """
    thread = call_c(atomic_load(state + 96), 0, 0, 0)
    if atomic_exchange(state + 4 * LINE, 1) == 0:
        atomic_store(state + 4 * LINE + 8, thread)
        enter(state, workers)
        return 1
    if atomic_load(state + 4 * LINE + 8) == thread:
        if atomic_load(state + LINE + 16) < workers:
            atomic_store(state + LINE + 16, workers)
            for worker in range(1, workers):
                rouse(state, worker)
        return 2
    return 0


@helper
def give(state, taken):
    if taken == 1:
        atomic_store(state + LINE, 0)
        atomic_store(state + 4 * LINE + 8, 0)
        atomic_store(state + 4 * LINE, 0)


def run_together(args, lo, hi, worker):
    """A whole Program by the team, or alone where another has it.

    Args: the team's memory; lo: table; hi: rows; worker: how many workers.
    """
    state = address_of(args)
    hold(args[10])
    taken = take(state, worker)
    if taken != 0:
        lead(state, lo, hi, worker)
        give(state, taken)
    else:
        alone(lo, hi)
    release(args[10])


def begin(args, lo, hi, worker):
    """Take the team for a Program.

    Args: the team's memory; lo: where what `take` says is written; worker: how many to wake.
    """
    hold(args[10])
    answer = pointer(lo, int64)
    answer[0] = take(address_of(args), worker)


def segment(args, lo, hi, worker):
    """A segment, with the team that `begin` took.

    Args: the team's memory; lo: table; hi: rows; worker: how many workers.
    """
    if args[11] != 0:
        alone(lo, hi)
    else:
        lead(address_of(args), lo, hi, worker)


def finish(args, lo, hi, worker):
    """The end of what `begin` began. args: the team's memory; lo: what `begin` answered."""
    give(address_of(args), lo)
    release(args[10])


def serve(args, lo, hi, worker):
    """The life of worker `worker`. args: the team's memory."""
    state, constant = address_of(args), args
    place, number, session = state + (FIRST + worker) * LINE, state + 3 * LINE, state + LINE
    line, segment = pointer(place, int64), pointer(number, int64)
    seen, turn, fresh = 0, 0, True
    while atomic_load(session + 8) == 0:
        running = atomic_load(session) != 0
        if running and fresh:
            fresh = False
            for child in range(2 * worker, 2 * worker + 2):
                if child < atomic_load(session + 16):
                    rouse(state, child)
        now = atomic_load(number)
        if now != seen and now % 2 == 1:
            seen = now
            atomic_store(place, 1)
            if atomic_load(number) == now and worker < segment[3]:
                together(state, worker)
            atomic_store(place, 0)
            turn = 0
        elif running:
            rest(state, turn)
        else:
            fresh = True
            if turn < constant[0]:
                pause()
            elif turn < constant[0] + constant[2]:
                call_c(constant[3], 0, 0, 0)
            else:
                atomic_store(place + 8, 1)
                if atomic_load(session) == 0 and atomic_load(session + 8) == 0:
                    call_c(constant[8], line[2], constant[9], 0)
                atomic_exchange(place + 8, 0)
                turn = 0
        turn += 1
