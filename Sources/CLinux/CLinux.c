#define _GNU_SOURCE 1

#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

const uint32_t clinux_readable = EPOLLIN;
const uint32_t clinux_writable = EPOLLOUT;
const uint32_t clinux_half_closed = EPOLLRDHUP;
const uint32_t clinux_failed = EPOLLERR | EPOLLHUP;

static _Thread_local void *current_loop;

void *clinux_current_loop(void) { return current_loop; }

void clinux_set_current_loop(void *loop) { current_loop = loop; }

static _Thread_local void *wake_batch;

void *clinux_wake_batch(void) { return wake_batch; }

void clinux_set_wake_batch(void *batch) { wake_batch = batch; }

void clinux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

static int clinux_result(int result) { return result < 0 ? -errno : result; }

int clinux_epoll_create(void) { return clinux_result(epoll_create1(EPOLL_CLOEXEC)); }

int clinux_epoll_add(int epoll, int descriptor, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u64 = token}};
    return clinux_result(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event));
}

int clinux_epoll_remove(int epoll, int descriptor) {
    struct epoll_event event = {0};
    return clinux_result(epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event));
}

int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int milliseconds) {
    struct epoll_event buffer[CLINUX_MAX_EVENTS];
    int count = epoll_wait(epoll, buffer, capacity < CLINUX_MAX_EVENTS ? capacity : CLINUX_MAX_EVENTS, milliseconds);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int index = 0; index < count; index++) {
        events[index].token = buffer[index].data.u64;
        events[index].bits = buffer[index].events;
    }
    return count;
}

int clinux_eventfd(void) { return clinux_result(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }

int clinux_eventfd_signal(int descriptor) { return clinux_result(eventfd_write(descriptor, 1)); }

int64_t clinux_monotonic(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t clinux_realtime_microseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static socklen_t clinux_encode_address(struct clinux_address from, struct sockaddr_storage *to) {
    memset(to, 0, sizeof *to);
    if (from.family == 4) {
        struct sockaddr_in *inet = (struct sockaddr_in *)to;
        inet->sin_family = AF_INET;
        inet->sin_port = htons(from.port);
        inet->sin_addr.s_addr = htonl((uint32_t)from.low);
        return sizeof *inet;
    }
    struct sockaddr_in6 *inet = (struct sockaddr_in6 *)to;
    inet->sin6_family = AF_INET6;
    inet->sin6_port = htons(from.port);
    inet->sin6_scope_id = from.scope;
    uint64_t words[2] = {__builtin_bswap64(from.high), __builtin_bswap64(from.low)};
    memcpy(&inet->sin6_addr, words, 16);
    return sizeof *inet;
}

/// Family 0 when the address is of another kind.
static struct clinux_address clinux_decode_address(const struct sockaddr *from) {
    struct clinux_address to = {0};
    if (from->sa_family == AF_INET) {
        const struct sockaddr_in *inet = (const struct sockaddr_in *)from;
        to.family = 4;
        to.port = ntohs(inet->sin_port);
        to.low = ntohl(inet->sin_addr.s_addr);
    } else if (from->sa_family == AF_INET6) {
        const struct sockaddr_in6 *inet = (const struct sockaddr_in6 *)from;
        uint64_t words[2];
        memcpy(words, &inet->sin6_addr, 16);
        to.family = 6;
        to.port = ntohs(inet->sin6_port);
        to.scope = inet->sin6_scope_id;
        to.high = __builtin_bswap64(words[0]);
        to.low = __builtin_bswap64(words[1]);
    }
    return to;
}

int clinux_stream_socket(uint8_t family) {
    return clinux_result(socket(family == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int clinux_bind(int descriptor, struct clinux_address address) {
    struct sockaddr_storage storage;
    int on = 1;
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return -errno;
    socklen_t length = clinux_encode_address(address, &storage);
    return clinux_result(bind(descriptor, (struct sockaddr *)&storage, length));
}

int clinux_listen(int descriptor, int backlog) { return clinux_result(listen(descriptor, backlog)); }

int clinux_connect(int descriptor, struct clinux_address address) {
    struct sockaddr_storage storage;
    socklen_t length = clinux_encode_address(address, &storage);
    return clinux_result(connect(descriptor, (struct sockaddr *)&storage, length));
}

int clinux_accept(int descriptor, struct clinux_address *peer) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    int accepted = accept4(descriptor, (struct sockaddr *)&storage, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) return -errno;
    *peer = clinux_decode_address((struct sockaddr *)&storage);
    return accepted;
}

int clinux_local_address(int descriptor, struct clinux_address *address) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    if (getsockname(descriptor, (struct sockaddr *)&storage, &length) != 0) return -errno;
    *address = clinux_decode_address((struct sockaddr *)&storage);
    return 0;
}

int clinux_socket_error(int descriptor) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return -errno;
    return -error;
}

int clinux_no_delay(int descriptor) {
    int on = 1;
    return clinux_result(setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
}

int clinux_shutdown_write(int descriptor) { return clinux_result(shutdown(descriptor, SHUT_WR)); }

long clinux_receive(int descriptor, void *buffer, size_t length) {
    ssize_t count;
    do count = recv(descriptor, buffer, length, 0);
    while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

long clinux_send(int descriptor, const void *buffer, size_t length) {
    ssize_t count;
    do count = send(descriptor, buffer, length, MSG_NOSIGNAL);
    while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

long clinux_send_pair(
    int descriptor, const void *first, size_t first_length, const void *second, size_t second_length) {
    struct iovec parts[2] = {{(void *)first, first_length}, {(void *)second, second_length}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t count;
    do count = sendmsg(descriptor, &message, MSG_NOSIGNAL);
    while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

int clinux_resolve(const char *host, uint16_t port, struct clinux_address *addresses, int capacity) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;
    int failure = getaddrinfo(host, NULL, &hints, &list);
    if (failure != 0) return -10000 - (failure < 0 ? -failure : failure);
    int count = 0;
    for (struct addrinfo *entry = list; entry != NULL && count < capacity; entry = entry->ai_next) {
        struct clinux_address address = clinux_decode_address(entry->ai_addr);
        if (address.family == 0) continue;
        address.port = port;
        addresses[count++] = address;
    }
    freeaddrinfo(list);
    return count;
}

static void clinux_signal_set(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
}

int clinux_block_signals(void) {
    sigset_t set;
    clinux_signal_set(&set);
    signal(SIGPIPE, SIG_IGN);
    return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int clinux_signalfd(void) {
    sigset_t set;
    clinux_signal_set(&set);
    return clinux_result(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

int clinux_next_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t count = read(descriptor, &info, sizeof info);
    return count == (ssize_t)sizeof info ? (int)info.ssi_signo : (count < 0 ? -errno : -EAGAIN);
}

int64_t clinux_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -errno;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return -errno;
    }
    return (int64_t)limit.rlim_cur;
}

struct clinux_mutex {
    pthread_mutex_t mutex;
};

struct clinux_mutex *clinux_mutex_create(void) {
    struct clinux_mutex *mutex = malloc(sizeof *mutex);
    if (mutex != NULL) pthread_mutex_init(&mutex->mutex, NULL);
    return mutex;
}

void clinux_mutex_destroy(struct clinux_mutex *mutex) {
    pthread_mutex_destroy(&mutex->mutex);
    free(mutex);
}

void clinux_mutex_lock(struct clinux_mutex *mutex) { pthread_mutex_lock(&mutex->mutex); }

void clinux_mutex_unlock(struct clinux_mutex *mutex) { pthread_mutex_unlock(&mutex->mutex); }
