/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into the service and its redis-server by a cell (LD_PRELOAD): shifts the wall clock of
 * both, and lets allocations of the service fail. What it does is said in a file that the cell maps
 * too, named by FAULTS_SHIM: struct orders, all zeros for nothing.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct orders {
    _Atomic int64_t clock_ns;   /* added to the wall clock */
    _Atomic int64_t fail_at;    /* the allocation that fails: 1 is the next one; 0 none */
    _Atomic int64_t fail_count; /* and so many after it */
    _Atomic int64_t failed;     /* how many did */
};

int gettimeofday(struct timeval *restrict now, void *restrict zone);

static struct orders none, *orders = &none;
static bool service;

__attribute__((constructor)) static void open_orders(void)
{
    const char *path = getenv("FAULTS_SHIM");
    char name[32] = "";
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1, comm;
    void *map;

    if (fd < 0) {
        return;
    }
    map = mmap(NULL, sizeof(struct orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    comm = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
    if (comm >= 0) {
        (void)!read(comm, name, sizeof(name) - 1);
        (void)close(comm);
    }
    service = strncmp(name, "redis", 5) != 0;
    if (map != MAP_FAILED) {
        orders = map;
    }
}

static void shift(struct timespec *now)
{
    int64_t ns = now->tv_nsec + atomic_load(&orders->clock_ns);

    now->tv_sec += ns / 1000000000;
    now->tv_nsec = ns % 1000000000;
    if (now->tv_nsec < 0) {
        now->tv_nsec += 1000000000;
        now->tv_sec--;
    }
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (syscall(SYS_clock_gettime, clock, now) != 0) {
        return -1;
    }
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
        shift(now);
    }
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec exact = {0};

    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &exact);
    *now = (struct timeval){.tv_sec = exact.tv_sec, .tv_usec = exact.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *ret)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (ret) {
        *ret = now.tv_sec;
    }
    return now.tv_sec;
}

/* True for an allocation that is to fail. fail_at counts down to 1, where fail_count begins. */
static bool fails(void)
{
    int64_t at;

    if (!service) {
        return false;
    }
    at = atomic_load(&orders->fail_at);
    while (at > 1) {
        if (atomic_compare_exchange_weak(&orders->fail_at, &at, at - 1)) {
            return false;
        }
    }
    if (at < 1) {
        return false;
    }
    if (atomic_fetch_sub(&orders->fail_count, 1) <= 0) {
        atomic_store(&orders->fail_at, 0);
        return false;
    }
    atomic_fetch_add(&orders->failed, 1);
    errno = ENOMEM;
    return true;
}

/* The allocator behind us, which is not libc's in redis-server. */
static void *next(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (!found) {
        abort();
    }
    return found;
}

void *malloc(size_t size)
{
    static void *(*real)(size_t);

    if (!real) {
        *(void **)&real = next("malloc");
    }
    return fails() ? NULL : real(size);
}

void *calloc(size_t count, size_t size)
{
    static void *(*real)(size_t, size_t);

    if (!real) {
        *(void **)&real = next("calloc");
    }
    return fails() ? NULL : real(count, size);
}

void *realloc(void *old, size_t size)
{
    static void *(*real)(void *, size_t);

    if (!real) {
        *(void **)&real = next("realloc");
    }
    return fails() ? NULL : real(old, size);
}
