/* Makes the system fail on purpose: loaded before libc (LD_PRELOAD), it counts the calls that touch files under one
 * folder and lets the k-th fail. Told what to do by `fault_arm`, which the test calls through ctypes. Linux only. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

enum { ONCE = 0, PERSISTENT = 1, KILL = 2 };
enum { SHORT_WRITE = -1 };
enum { DESCRIPTORS = 4096, INTERRUPTED_IN_A_ROW = 200 };

static char folder[4096];
static int kth, failure, manner, count, failed;
static char tracked[DESCRIPTORS];

void fault_arm(const char *path, int k, int error, int how) {
  strncpy(folder, path, sizeof folder - 1);
  kth = k, failure = error, manner = how, count = 0, failed = 0;
  memset(tracked, 0, sizeof tracked);
}

void fault_disarm(void) { folder[0] = 0; }
int fault_count(void) { return count; }
int fault_failed(void) { return failed; }

static int is_ours(const char *path) { return folder[0] && path && strncmp(path, folder, strlen(folder)) == 0; }
static int is_tracked(int fd) { return folder[0] && fd >= 0 && fd < DESCRIPTORS && tracked[fd]; }

/* Whether this call is to fail. A storm of EINTR ends after a while, as a real one does. */
static int is_due(int is_write) {
  if (failure == SHORT_WRITE && !is_write) return 0;
  count++;
  if (count < kth || (manner != PERSISTENT && count > kth)) return 0;
  if (failure == EINTR && failed >= INTERRUPTED_IN_A_ROW) return 0;
  if (manner == KILL) kill(getpid(), SIGKILL);
  failed++;
  return 1;
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define FAIL return errno = failure, -1

static int opened(int fd, int is_mine) {
  if (fd >= 0 && fd < DESCRIPTORS) tracked[fd] = is_mine;
  return fd;
}

#define OPEN(name)                                                                                                     \
  int name(const char *path, int flags, ...) {                                                                         \
    REAL(name);                                                                                                        \
    va_list list;                                                                                                      \
    va_start(list, flags);                                                                                             \
    mode_t mode = va_arg(list, int);                                                                                   \
    va_end(list);                                                                                                      \
    int mine = is_ours(path);                                                                                          \
    if (mine && is_due(0)) FAIL;                                                                                       \
    return opened(real(path, flags, mode), mine);                                                                      \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                                                   \
  int name(int at, const char *path, int flags, ...) {                                                                 \
    REAL(name);                                                                                                        \
    va_list list;                                                                                                      \
    va_start(list, flags);                                                                                             \
    mode_t mode = va_arg(list, int);                                                                                   \
    va_end(list);                                                                                                      \
    int mine = is_ours(path);                                                                                          \
    if (mine && is_due(0)) FAIL;                                                                                       \
    return opened(real(at, path, flags, mode), mine);                                                                  \
  }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *data, size_t size) {
  REAL(write);
  if (is_tracked(fd) && is_due(1)) {
    if (failure == SHORT_WRITE) return real(fd, data, size > 1 ? size / 2 : size);
    FAIL;
  }
  return real(fd, data, size);
}

#define ON_DESCRIPTOR(name)                                                                                            \
  int name(int fd) {                                                                                                   \
    REAL(name);                                                                                                        \
    if (is_tracked(fd) && is_due(0)) FAIL;                                                                             \
    return real(fd);                                                                                                   \
  }
ON_DESCRIPTOR(fsync)
ON_DESCRIPTOR(fdatasync)

/* A failing close has closed the descriptor all the same, as on Linux. */
int close(int fd) {
  REAL(close);
  int due = is_tracked(fd) && is_due(0);
  if (fd >= 0 && fd < DESCRIPTORS) tracked[fd] = 0;
  int answer = real(fd);
  if (due) FAIL;
  return answer;
}

#define TRUNCATE(name, type)                                                                                           \
  int name(int fd, type size) {                                                                                        \
    REAL(name);                                                                                                        \
    if (is_tracked(fd) && is_due(0)) FAIL;                                                                             \
    return real(fd, size);                                                                                             \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

int rename(const char *from, const char *to) {
  REAL(rename);
  if (is_ours(to) && is_due(0)) FAIL;
  return real(from, to);
}

int renameat(int at, const char *from, int to_at, const char *to) {
  REAL(renameat);
  if (is_ours(to) && is_due(0)) FAIL;
  return real(at, from, to_at, to);
}

int unlink(const char *path) {
  REAL(unlink);
  if (is_ours(path) && failure != ENOSPC && is_due(0)) FAIL;
  return real(path);
}
