/*
 * Answers every SNMP GET sent to any address of 127.0.0.0/8 on one port, from the very address that was asked. Node cannot
 * choose the sender of a datagram on a wildcard socket (IP_PKTINFO), so this is C. Prints one line of JSON when it is ready,
 * and the number of answers when its standard input ends.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 64
#define SIZE 512
#define LOOPBACK_NET 127

struct span { const unsigned char *at, *end; };

/* The content of the element at `at`; 0 where it is broken, does not end in time, or is longer than 127 octets. */
static int inside(const unsigned char *at, const unsigned char *end, int tag, struct span *out) {
  size_t length, octets = 0;
  if (end - at < 2 || at[0] != tag) return 0;
  length = at[1];
  if (length == 0x81 && end - at > 2) { length = at[2]; octets = 1; }
  else if (length == 0x82 && end - at > 3) { length = (size_t)at[2] << 8 | at[3]; octets = 2; }
  else if (length > 0x7f) return 0;
  out->at = at + 2 + octets;
  out->end = out->at + length;
  return out->end <= end;
}

static size_t put(unsigned char *to, int tag, const unsigned char *content, size_t length) {
  size_t head = 2;
  to[0] = tag;
  if (length < 0x80) to[1] = length;
  else { to[1] = 0x82; to[2] = length >> 8; to[3] = length & 255; head = 4; }
  memmove(to + head, content, length);
  return head + length;
}

static const unsigned char OBJECT_ID[] = {43, 6, 1, 4, 1, 0xec, 0x3d, 101}; /* 1.3.6.1.4.1.13885.101 */
static const unsigned char SYS_OBJECT_ID[] = {43, 6, 1, 2, 1, 1, 2, 0};
static const char WORDS[] = "Videoconferencing Device";

/* The answer to a GET: its own OIDs, each with a value. @returns its length, 0 for anything else */
static size_t answer(const unsigned char *packet, size_t length, unsigned char *out) {
  struct span message, version, community, pdu, id, status, index, list, varbind, name;
  unsigned char body[SIZE], list_body[SIZE], one[SIZE];
  size_t listed = 0, used = 0;
  if (!inside(packet, packet + length, 0x30, &message) || !inside(message.at, message.end, 2, &version)) return 0;
  if (!inside(version.end, message.end, 4, &community) || !inside(community.end, message.end, 0xa0, &pdu)) return 0;
  if (!inside(pdu.at, pdu.end, 2, &id) || !inside(id.end, pdu.end, 2, &status)) return 0;
  if (!inside(status.end, pdu.end, 2, &index) || !inside(index.end, pdu.end, 0x30, &list)) return 0;
  for (const unsigned char *at = list.at; at < list.end; at = varbind.end) {
    size_t filled;
    if (!inside(at, list.end, 0x30, &varbind) || !inside(varbind.at, varbind.end, 6, &name)) return 0;
    if (listed > SIZE / 2) return 0;
    filled = put(one, 6, name.at, name.end - name.at);
    if (name.end - name.at == sizeof SYS_OBJECT_ID && memcmp(name.at, SYS_OBJECT_ID, sizeof SYS_OBJECT_ID) == 0)
      filled += put(one + filled, 6, OBJECT_ID, sizeof OBJECT_ID);
    else
      filled += put(one + filled, 4, (const unsigned char *)WORDS, sizeof WORDS - 1);
    listed += put(list_body + listed, 0x30, one, filled);
  }
  used = put(body, 2, id.at, id.end - id.at);
  memcpy(body + used, "\x02\x01\x00\x02\x01\x00", 6);
  used += 6;
  used += put(body + used, 0x30, list_body, listed);
  memmove(list_body, message.at, community.end - message.at);
  listed = community.end - message.at;
  listed += put(list_body + listed, 0xa2, body, used);
  return put(out, 0x30, list_body, listed);
}

int main(void) {
  static unsigned char in[BATCH][SIZE], out[BATCH][SIZE];
  static char control[BATCH][CMSG_SPACE(sizeof(struct in_pktinfo))];
  static struct mmsghdr received[BATCH], sent[BATCH];
  static struct iovec in_part[BATCH], out_part[BATCH];
  static struct sockaddr_in from[BATCH];
  struct sockaddr_in self = {.sin_family = AF_INET};
  socklen_t self_length = sizeof self;
  int on = 1, buffer = 64 << 20, fd = socket(AF_INET, SOCK_DGRAM, 0);
  unsigned long answered = 0;
  if (fd < 0 || bind(fd, (struct sockaddr *)&self, sizeof self) != 0 || getsockname(fd, (struct sockaddr *)&self, &self_length) != 0) {
    perror("no socket");
    return 1;
  }
  setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) != 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  printf("{\"port\":%d}\n", ntohs(self.sin_port));
  fflush(stdout);
  struct pollfd wait[2] = {{.fd = fd, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  for (;;) {
    if (poll(wait, 2, -1) < 0 && errno != EINTR) return 1;
    if (wait[1].revents != 0) {
      char scrap[64];
      if (read(0, scrap, sizeof scrap) <= 0) break;
    }
    for (int i = 0; i < BATCH; i++) {
      in_part[i] = (struct iovec){in[i], SIZE};
      received[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &in_part[i], .msg_iovlen = 1,
                                            .msg_control = control[i], .msg_controllen = sizeof control[i]};
    }
    int got = recvmmsg(fd, received, BATCH, MSG_DONTWAIT, NULL), ready = 0;
    for (int i = 0; i < got; i++) {
      size_t length = answer(in[i], received[i].msg_len, out[ready]);
      struct cmsghdr *info = CMSG_FIRSTHDR(&received[i].msg_hdr);
      /* Nobody but this machine is ever answered. */
      if (length == 0 || info == NULL || ntohl(from[i].sin_addr.s_addr) >> 24 != LOOPBACK_NET) continue;
      struct in_pktinfo *to = (struct in_pktinfo *)CMSG_DATA(info);
      to->ipi_spec_dst = to->ipi_addr;
      to->ipi_ifindex = 0;
      out_part[ready] = (struct iovec){out[ready], length};
      sent[ready].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &out_part[ready], .msg_iovlen = 1,
                                            .msg_control = control[i], .msg_controllen = received[i].msg_hdr.msg_controllen};
      ready++;
    }
    for (int done = 0; done < ready;) {
      int now = sendmmsg(fd, sent + done, ready - done, 0);
      if (now <= 0) break;
      done += now;
      answered += now;
    }
  }
  fprintf(stderr, "%lu answered\n", answered);
  return 0;
}
