// Linux calls and constants that Swift cannot see or cannot call safely. Every function returns -errno on failure, so
// that the Swift side never reads a thread-local error variable. No system header is included here: their definitions
// would differ from those of the Glibc module.
#pragma once

#include <stddef.h>
#include <stdint.h>

// MARK: epoll, eventfd

/// One readiness report: the token given at registration and the EPOLL bits.
struct clinux_event {
    uint64_t token;
    uint32_t bits;
};

#define CLINUX_MAX_EVENTS 256

extern const uint32_t clinux_readable;
extern const uint32_t clinux_writable;
extern const uint32_t clinux_half_closed;
extern const uint32_t clinux_failed;

int clinux_epoll_create(void);

int clinux_epoll_add(int epoll, int descriptor, uint64_t token);

int clinux_epoll_remove(int epoll, int descriptor);

/// Waits up to `milliseconds` (-1: for ever); interrupted waits report no events.
int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int milliseconds);

int clinux_eventfd(void);

int clinux_eventfd_signal(int descriptor);

// MARK: clocks

int64_t clinux_monotonic(void);

int64_t clinux_realtime_microseconds(void);

// MARK: the loop of the calling thread

void *clinux_current_loop(void);
void clinux_set_current_loop(void *loop);

/// What collects the wake-ups of the calling thread, or NULL.
void *clinux_wake_batch(void);
void clinux_set_wake_batch(void *batch);

/// Names the calling thread; at most 15 bytes.
void clinux_name_thread(const char *name);

// MARK: mutex

struct clinux_mutex;

struct clinux_mutex *clinux_mutex_create(void);
void clinux_mutex_destroy(struct clinux_mutex *mutex);
void clinux_mutex_lock(struct clinux_mutex *mutex);
void clinux_mutex_unlock(struct clinux_mutex *mutex);

// MARK: sockets

/// An IPv4 (family 4, in the lowest 32 bits of `low`) or IPv6 (family 6) address in host byte order.
struct clinux_address {
    uint64_t high;
    uint64_t low;
    uint32_t scope;
    uint16_t port;
    uint8_t family;
};

int clinux_stream_socket(uint8_t family);

int clinux_bind(int descriptor, struct clinux_address address);

int clinux_listen(int descriptor, int backlog);

int clinux_connect(int descriptor, struct clinux_address address);

/// Accepts one connection, non-blocking and close-on-exec, and reports its peer.
int clinux_accept(int descriptor, struct clinux_address *peer);

int clinux_local_address(int descriptor, struct clinux_address *address);

/// The pending error of a socket as -errno, 0 when there is none.
int clinux_socket_error(int descriptor);

int clinux_no_delay(int descriptor);

int clinux_shutdown_write(int descriptor);

long clinux_receive(int descriptor, void *buffer, size_t length);

/// Never raises SIGPIPE.
long clinux_send(int descriptor, const void *buffer, size_t length);

/// Sends two ranges in one call. Never raises SIGPIPE.
long clinux_send_pair(
    int descriptor, const void *first, size_t first_length, const void *second, size_t second_length);

/// Resolves `host` to at most `capacity` stream addresses; the count, or the negative EAI code minus 10000.
int clinux_resolve(const char *host, uint16_t port, struct clinux_address *addresses, int capacity);

// MARK: signals

/// Blocks SIGTERM, SIGINT and SIGHUP in the calling thread and those it creates, and ignores SIGPIPE.
int clinux_block_signals(void);

int clinux_signalfd(void);

/// The number of the next pending signal.
int clinux_next_signal(int descriptor);

/// Raises the soft limit of open descriptors to the hard limit; the limit in force afterwards.
int64_t clinux_raise_descriptor_limit(void);
