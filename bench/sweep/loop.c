/*
 * The least a sweep can cost: one GET to each of COUNT addresses from 127.BASE.0.1 on, with sendmmsg and recvmmsg in one thread.
 * Usage: loop PORT BASE COUNT COMMUNITY. Prints one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define SIZE 512
#define SILENCE_MS 1000

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
  static unsigned char requests[BATCH][SIZE], answers[BATCH][SIZE], seen[65536];
  static struct mmsghdr out[BATCH], in[BATCH];
  static struct iovec out_part[BATCH], in_part[BATCH];
  static struct sockaddr_in to[BATCH], from[BATCH];
  static const unsigned char oids[] = "\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x01\x00\x05\x00"
                                      "\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x02\x00\x05\x00"
                                      "\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x05\x00\x05\x00";
  if (argc != 5) return 2;
  int port = atoi(argv[1]), base = atoi(argv[2]), count = atoi(argv[3]), words = strlen(argv[4]);
  unsigned char packet[SIZE];
  size_t length = 0, list = sizeof oids - 1, pdu = 6 + 3 + 3 + 2 + list;
  packet[length++] = 0x30;
  packet[length++] = 3 + 2 + words + 2 + pdu;
  memcpy(packet + length, "\x02\x01\x01\x04", 4), length += 4;
  packet[length++] = words;
  memcpy(packet + length, argv[4], words), length += words;
  packet[length++] = 0xa0;
  packet[length++] = pdu;
  memcpy(packet + length, "\x02\x04\x01\x02\x03\x04\x02\x01\x00\x02\x01\x00\x30", 13), length += 13;
  packet[length++] = list;
  memcpy(packet + length, oids, list), length += list;
  int fd = socket(AF_INET, SOCK_DGRAM, 0), buffer = 4 << 20, answered = 0, sent = 0;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  double start = now_ms(), heard = start;
  while (answered < count && now_ms() - heard < SILENCE_MS) {
    int batch = count - sent < BATCH ? count - sent : BATCH;
    for (int i = 0; i < batch; i++) {
      unsigned address = 127u << 24 | base << 16 | (sent + i + 1);
      memcpy(requests[i], packet, length);
      to[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
      out_part[i] = (struct iovec){requests[i], length};
      out[i].msg_hdr = (struct msghdr){.msg_name = &to[i], .msg_namelen = sizeof to[i], .msg_iov = &out_part[i], .msg_iovlen = 1};
    }
    if (batch > 0) {
      int done = sendmmsg(fd, out, batch, 0);
      if (done > 0) sent += done, heard = now_ms();
    }
    if (sent == count) {
      struct pollfd wait = {.fd = fd, .events = POLLIN};
      poll(&wait, 1, 50);
    }
    for (int i = 0; i < BATCH; i++) {
      in_part[i] = (struct iovec){answers[i], SIZE};
      in[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &in_part[i], .msg_iovlen = 1};
    }
    int got = recvmmsg(fd, in, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < got; i++) {
      unsigned at = ntohl(from[i].sin_addr.s_addr) & 0xffff;
      if (!seen[at]) seen[at] = 1, answered++;
    }
    if (got > 0) heard = now_ms();
  }
  printf("{\"answered\":%d,\"wallMs\":%.1f}\n", answered, now_ms() - start);
  return 0;
}
