/* Many phones that fetch one image at once, each from an address of its own, all in one thread: what they cost is not the server's.
 * phones PORT COUNT PATH RCVBUF BYTES_PER_SECOND; "%" in PATH stands for the phone's number in four digits. RCVBUF 0 is the
 * system's own; BYTES_PER_SECOND 0 takes what comes, else the phone reads no faster than that, as one with a small window does.
 * Prints {"bytes":…,"wallMs":…,"whole":…,"slowest":…}: `whole` phones had all they were promised, and `slowest` is the lowest
 * rate of one of them in bytes a second, from its first byte to its last. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct phone {
  int fd, done, ended;
  char head[2048];
  size_t headBytes;
  long long promised, had;
  double firstMs, lastMs;
};

static double nowMs(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1e3 + at.tv_nsec / 1e6;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void call(struct phone *phone, int index, int port, const char *path, int rcvbuf) {
  struct sockaddr_in local = {.sin_family = AF_INET}, server = {.sin_family = AF_INET, .sin_port = htons(port)};
  char text[64], request[512], number[16];
  phone->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (phone->fd < 0) fail("socket");
  if (rcvbuf > 0) setsockopt(phone->fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof rcvbuf);
  snprintf(text, sizeof text, "127.84.%d.%d", index / 250, 1 + index % 250);
  inet_pton(AF_INET, text, &local.sin_addr);
  inet_pton(AF_INET, "127.0.0.1", &server.sin_addr);
  if (bind(phone->fd, (struct sockaddr *)&local, sizeof local) != 0) fail("bind");
  if (connect(phone->fd, (struct sockaddr *)&server, sizeof server) != 0) fail("connect");
  snprintf(number, sizeof number, "%04d", index);
  const char *mark = strchr(path, '%');
  int before = mark == NULL ? (int)strlen(path) : (int)(mark - path);
  int length = snprintf(request, sizeof request, "GET %.*s%s%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", before, path,
                        mark == NULL ? "" : number, mark == NULL ? "" : mark + 1);
  if (write(phone->fd, request, length) != length) fail("write");
}

/* The head, and what of the body came with it. */
static void readHead(struct phone *phone, const char *bytes, ssize_t got) {
  size_t room = sizeof phone->head - 1 - phone->headBytes, taken = (size_t)got < room ? (size_t)got : room;
  memcpy(phone->head + phone->headBytes, bytes, taken);
  phone->headBytes += taken;
  phone->head[phone->headBytes] = 0;
  char *end = strstr(phone->head, "\r\n\r\n");
  if (end == NULL) return;
  char *length = strcasestr(phone->head, "\ncontent-length:");
  if (strncmp(phone->head, "HTTP/1.1 200", 12) != 0 || length == NULL) {
    fprintf(stderr, "answered %.60s\n", phone->head);
    exit(1);
  }
  phone->promised = atoll(length + 16);
  size_t headOnly = end + 4 - phone->head, before = phone->headBytes - taken;
  phone->had = got - (long long)(headOnly - before);
  phone->firstMs = nowMs();
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  int port = atoi(argv[1]), count = atoi(argv[2]), rcvbuf = atoi(argv[4]), open = count;
  double rate = atof(argv[5]) / 1e3;
  struct phone *phones = calloc(count, sizeof *phones);
  static char bytes[256 * 1024];
  int poll = epoll_create1(EPOLL_CLOEXEC);
  double startMs = nowMs();
  for (int i = 0; i < count; i++) {
    call(&phones[i], i, port, argv[3], rcvbuf);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &phones[i]};
    if (rate == 0) epoll_ctl(poll, EPOLL_CTL_ADD, phones[i].fd, &event);
  }
  struct epoll_event ready[256];
  while (open > 0) {
    int some = 0;
    if (rate == 0) some = epoll_wait(poll, ready, 256, 30000);
    else {
      struct timespec step = {.tv_nsec = 5000000};
      nanosleep(&step, NULL);
      some = count;
    }
    if (some <= 0) break;
    double atMs = nowMs();
    if (atMs - startMs > 110000) break;
    for (int i = 0; i < some; i++) {
      struct phone *phone = rate == 0 ? ready[i].data.ptr : &phones[i];
      if (phone->ended) continue;
      long long allowed = sizeof bytes;
      /* A tenth above its rate, so that one late look is made good. */
      if (rate > 0 && phone->firstMs > 0) allowed = (long long)((atMs - phone->firstMs) * rate * 1.1) + 4096 - phone->had;
      if (allowed <= 0) continue;
      if (allowed > (long long)sizeof bytes) allowed = sizeof bytes;
      ssize_t got = recv(phone->fd, bytes, rate > 0 && phone->firstMs == 0 ? 512 : allowed, MSG_DONTWAIT);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (got > 0 && phone->firstMs == 0) readHead(phone, bytes, got);
      else if (got > 0) phone->had += got;
      if (got > 0) phone->lastMs = atMs;
      if (got > 0 && (phone->firstMs == 0 || phone->had < phone->promised)) continue;
      phone->ended = 1;
      close(phone->fd);
      open--;
    }
  }
  double wallMs = nowMs() - startMs, slowest = -1;
  long long total = 0;
  int whole = 0;
  for (int i = 0; i < count; i++) {
    struct phone *phone = &phones[i];
    total += phone->had;
    whole += phone->promised > 0 && phone->had >= phone->promised;
    double own = phone->had / ((phone->lastMs - phone->firstMs) / 1e3 + 1e-9);
    if (slowest < 0 || own < slowest) slowest = own;
  }
  printf("{\"bytes\":%lld,\"wallMs\":%.1f,\"whole\":%d,\"slowest\":%.0f}\n", total, wallMs, whole, slowest);
  return 0;
}
