/* Runs the threads of a block one after another on the processor: each is a fibre, a stack of its own that is left at a
   barrier and entered again once all the others have come there. Fibres are made once and used for every block: entering
   and leaving is a jump within the process. The order of the threads is shuffled anew by the seed at every barrier.
   What a kernel asks the card for (which thread am I, where is the shared memory) is answered here, per thread of the
   operating system, so that two of them may run blocks of one kernel at once. */
#define _XOPEN_SOURCE 700
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum { MOST = 1024, STACK = 65536, SHARED = 65536 }; /* threads of a block; bytes of a stack; and of shared memory */
enum { READY, WAITING, DONE };
enum { DIVERGENT = 1, OUT_OF_BOUNDS = 2 };
typedef void (*kernel_t)(const uint64_t *arguments);
typedef struct { jmp_buf there; ucontext_t first; int made, state; } fibre_t;

static __thread struct {
    jmp_buf scheduler;
    kernel_t kernel;
    const uint64_t *arguments;
    uint32_t thread[3], block[3], threads[3], blocks[3];
    fibre_t *fibres;
    int running;
    uint64_t random;
    unsigned char *shared;
} now;

#define ANSWER(name, field) \
    uint32_t name##_x(void) { return now.field[0]; } \
    uint32_t name##_y(void) { return now.field[1]; } \
    uint32_t name##_z(void) { return now.field[2]; }
ANSWER(fibers_tid, thread)
ANSWER(fibers_ctaid, block)
ANSWER(fibers_ntid, threads)
ANSWER(fibers_nctaid, blocks)

void *fibers_shared(int64_t offset) { return now.shared + offset; }

void fibers_barrier(void) {
    fibre_t *own = &now.fibres[now.running];
    own->state = WAITING;
    if (!_setjmp(own->there)) _longjmp(now.scheduler, 1);
}

static void live(void) { /* a fibre takes one GPU thread after the other, for ever */
    for (;;) {
        fibre_t *own = &now.fibres[now.running];
        now.kernel(now.arguments);
        own = &now.fibres[now.running];
        own->state = DONE;
        if (!_setjmp(own->there)) _longjmp(now.scheduler, 1);
    }
}

static void enter(int which) {
    fibre_t *fibre = &now.fibres[which];
    now.running = which;
    if (_setjmp(now.scheduler)) return;
    fibre = &now.fibres[now.running];
    if (fibre->made) _longjmp(fibre->there, 1);
    fibre->made = 1;
    getcontext(&fibre->first);
    fibre->first.uc_stack.ss_sp = malloc(STACK);
    fibre->first.uc_stack.ss_size = STACK;
    fibre->first.uc_link = 0;
    makecontext(&fibre->first, live, 0);
    setcontext(&fibre->first);
}

static void place(uint32_t *out, uint64_t index, const uint32_t *size) {
    out[0] = index % size[0];
    out[1] = index / size[0] % size[1];
    out[2] = index / size[0] / size[1];
}

static void shuffle(int *order, int count) {
    for (int i = count - 1; i > 0; i--) {
        now.random ^= now.random << 13, now.random ^= now.random >> 7, now.random ^= now.random << 17;
        int other = (now.random >> 32) % (i + 1), kept = order[i];
        order[i] = order[other], order[other] = kept;
    }
}

static int run_block(int *order, int count, int seeded, int barriers) {
    int found = 0;
    for (int i = 0; i < count; i++) now.fibres[i].state = READY;
    for (int left = count, waiting; left; left = waiting) {
        int done = 0;
        waiting = 0;
        if (seeded) shuffle(order, count);
        for (int i = 0; i < count; i++) {
            if (now.fibres[order[i]].state != READY) continue;
            place(now.thread, order[i], now.threads);
            if (barriers) enter(order[i]);
            else now.kernel(now.arguments), now.fibres[order[i]].state = DONE;
        }
        for (int i = 0; i < count; i++) {
            waiting += now.fibres[i].state == WAITING;
            done += now.fibres[i].state == DONE;
        }
        if (waiting && done) found |= DIVERGENT; /* on a card: undefined, and likely for ever */
        for (int i = 0; i < count; i++)
            if (now.fibres[i].state == WAITING) now.fibres[i].state = READY;
    }
    return found;
}

/* Runs the blocks of numbers (start + k step) mod all, first <= k < last. shared: bytes used; in_use: which of them
   belong to an array. Returns 0, or what was wrong. seed 0: threads in order. */
int fibers_run(kernel_t kernel, const uint64_t *arguments, const uint32_t *blocks, const uint32_t *threads,
               uint64_t first, uint64_t last, uint64_t start, uint64_t step, uint64_t seed, int barriers, int shared,
               const unsigned char *in_use) {
    int order[MOST], count = threads[0] * threads[1] * threads[2], found = 0;
    uint64_t all = (uint64_t)blocks[0] * blocks[1] * blocks[2];
    if (!now.fibres) now.fibres = calloc(MOST, sizeof(fibre_t)), now.shared = malloc(SHARED);
    now.kernel = kernel, now.arguments = arguments, now.random = seed * 0x9E3779B97F4A7C15u + first + 1;
    memcpy(now.blocks, blocks, 12), memcpy(now.threads, threads, 12);
    for (int i = 0; i < count; i++) order[i] = i;
    for (uint64_t k = first; k < last; k++) {
        place(now.block, (start + k * step) % all, blocks);
        memset(now.shared, 0xFF, shared);
        found |= run_block(order, count, seed != 0, barriers);
        for (int i = 0; i < shared; i++)
            if (!in_use[i] && now.shared[i] != 0xFF) found |= OUT_OF_BOUNDS;
    }
    return found;
}
