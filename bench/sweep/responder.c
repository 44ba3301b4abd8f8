/*
 * Answers every SNMP GET sent to any address of 127.0.0.0/8 on one port, from the very address that was asked. Node cannot
 * choose the sender of a datagram on a wildcard socket (IP_PKTINFO), so this is C. Prints one line of JSON when it is ready,
 * and the number of answers when its standard input ends.
 *
 * responder [EVERY [servers]]: with EVERY, addresses whose last octet it divides are silent (0: none). With "servers" each is a
 * conference bridge by its object id, with a MAC made from its address: it counts its uptime, its other objects are numbers, and no
 * table has rows. Source: RFC 3416, 4.2.2 and 4.2.3.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define SIZE 2048
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
static const unsigned char BRIDGE_ID[] = {43, 6, 1, 4, 1, 0xec, 0x3d, 110}; /* 1.3.6.1.4.1.13885.110 */
static const unsigned char SYSTEM[] = {43, 6, 1, 2, 1, 1};
static const unsigned char BASE_ADDRESS[] = {43, 6, 1, 2, 1, 17, 1, 1, 0};
static const char WORDS[] = "Videoconferencing Device";

static int servers, silent_every;

static int is(struct span name, const unsigned char *object, size_t length) {
  return (size_t)(name.end - name.at) >= length && memcmp(name.at, object, length) == 0;
}

static size_t put_number(unsigned char *to, int tag, unsigned long value) {
  unsigned char octets[5] = {0, value >> 24, value >> 16, value >> 8, value};
  return put(to, tag, octets, sizeof octets);
}

/* The value of one object of a conference bridge at `address`. */
static size_t put_server_value(unsigned char *to, struct span name, unsigned long address) {
  struct timespec now;
  if (is(name, SYS_OBJECT_ID, sizeof SYS_OBJECT_ID)) return put(to, 6, BRIDGE_ID, sizeof BRIDGE_ID);
  if (is(name, BASE_ADDRESS, sizeof BASE_ADDRESS)) {
    unsigned char mac[6] = {2, 0, address >> 24, address >> 16, address >> 8, address};
    return put(to, 4, mac, sizeof mac);
  }
  if (!is(name, SYSTEM, sizeof SYSTEM)) return put_number(to, 0x42, 2);
  if (name.at[sizeof SYSTEM] != 3) return put(to, 4, (const unsigned char *)WORDS, sizeof WORDS - 1);
  clock_gettime(CLOCK_MONOTONIC, &now);
  return put_number(to, 0x43, (unsigned long)now.tv_sec * 100 & 0xffffffff);
}

static size_t put_value(unsigned char *to, struct span name, unsigned long address) {
  if (servers) return put_server_value(to, name, address);
  if (is(name, SYS_OBJECT_ID, sizeof SYS_OBJECT_ID)) return put(to, 6, OBJECT_ID, sizeof OBJECT_ID);
  return put(to, 4, (const unsigned char *)WORDS, sizeof WORDS - 1);
}

/* The answer to a GET: its own OIDs, each with a value; to GETNEXT and GETBULK: the end. @returns its length, 0 for anything else */
static size_t answer(const unsigned char *packet, size_t length, unsigned char *out, unsigned long address) {
  struct span message, version, community, pdu, id, status, index, list, varbind, name;
  unsigned char body[SIZE], list_body[SIZE], one[SIZE];
  size_t listed = 0, used = 0;
  int asks_next;
  if (!inside(packet, packet + length, 0x30, &message) || !inside(message.at, message.end, 2, &version)) return 0;
  if (!inside(version.end, message.end, 4, &community)) return 0;
  asks_next = inside(community.end, message.end, 0xa1, &pdu) || inside(community.end, message.end, 0xa5, &pdu);
  if (!asks_next && !inside(community.end, message.end, 0xa0, &pdu)) return 0;
  if (!inside(pdu.at, pdu.end, 2, &id) || !inside(id.end, pdu.end, 2, &status)) return 0;
  if (!inside(status.end, pdu.end, 2, &index) || !inside(index.end, pdu.end, 0x30, &list)) return 0;
  for (const unsigned char *at = list.at; at < list.end; at = varbind.end) {
    size_t filled;
    if (!inside(at, list.end, 0x30, &varbind) || !inside(varbind.at, varbind.end, 6, &name)) return 0;
    if (listed > SIZE / 2) return 0;
    filled = put(one, 6, name.at, name.end - name.at);
    filled += asks_next ? put(one + filled, 0x82, name.at, 0) : put_value(one + filled, name, address);
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

int main(int argc, char **argv) {
  silent_every = argc > 1 ? atoi(argv[1]) : 0;
  servers = argc > 2 && strcmp(argv[2], "servers") == 0;
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
      struct cmsghdr *info = CMSG_FIRSTHDR(&received[i].msg_hdr);
      /* Nobody but this machine is ever answered. */
      if (info == NULL || ntohl(from[i].sin_addr.s_addr) >> 24 != LOOPBACK_NET) continue;
      struct in_pktinfo *to = (struct in_pktinfo *)CMSG_DATA(info);
      unsigned long address = ntohl(to->ipi_addr.s_addr);
      if (silent_every > 0 && (address & 255) % silent_every == 0) continue;
      size_t length = answer(in[i], received[i].msg_len, out[ready], address);
      if (length == 0) continue;
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
