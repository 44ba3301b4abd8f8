/*
 * The same round with net-snmp's C library as its own example of asynchronous asks does it: a session per device asked, as many at once
 * as told, one select loop. It stores nothing. Arguments: port, devices, asks at once. Prints one line of JSON.
 */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define VALUES 20
#define TIMEOUT_US 1000000
#define RETRIES 1

static oid objects[VALUES][MAX_OID_LEN];
static size_t lengths[VALUES];
static int port, devices, next_device, open_asks;
static long answered;
static double total;

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static double cpu_ms(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

static netsnmp_session *done[4096];
static int done_count;

static int heard(int operation, netsnmp_session *session, int id, netsnmp_pdu *pdu, void *unused) {
  (void)id;
  (void)unused;
  if (operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE && pdu->errstat == SNMP_ERR_NOERROR) {
    for (netsnmp_variable_list *value = pdu->variables; value != NULL; value = value->next_variable)
      if (value->val.integer != NULL) total += (double)*value->val.integer;
    answered++;
  }
  open_asks--;
  done[done_count++] = session; /* not to be closed while it is being read */
  return 1;
}

static void ask(int number) {
  char peer[64];
  netsnmp_session wanted, *session;
  netsnmp_pdu *pdu;
  snmp_sess_init(&wanted);
  snprintf(peer, sizeof peer, "127.81.%d.%d:%d", number / 250, number % 250 + 1, port);
  wanted.version = SNMP_VERSION_2c;
  wanted.peername = peer;
  wanted.community = (u_char *)"bench";
  wanted.community_len = 5;
  wanted.timeout = TIMEOUT_US;
  wanted.retries = RETRIES;
  wanted.callback = heard;
  session = snmp_open(&wanted);
  if (session == NULL) return;
  pdu = snmp_pdu_create(SNMP_MSG_GET);
  for (int i = 0; i < VALUES; i++) snmp_add_null_var(pdu, objects[i], lengths[i]);
  if (snmp_send(session, pdu)) open_asks++;
  else {
    snmp_free_pdu(pdu);
    snmp_close(session);
  }
}

int main(int argc, char **argv) {
  int at_once = argc > 3 ? atoi(argv[3]) : 1;
  double started, cpu;
  port = atoi(argv[1]);
  devices = atoi(argv[2]);
  setenv("MIBS", "", 1);
  netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
  init_snmp("round");
  for (int i = 0; i < VALUES; i++) {
    char name[64];
    lengths[i] = MAX_OID_LEN;
    snprintf(name, sizeof name, ".1.3.6.1.4.1.13885.110.1.4.%d.0", i + 1);
    if (!read_objid(name, objects[i], &lengths[i])) return 1;
  }
  started = now_ms();
  cpu = cpu_ms();
  while (next_device < devices || open_asks > 0) {
    int fds = 0, block = 1, ready;
    fd_set set;
    struct timeval wait;
    while (open_asks < at_once && next_device < devices) ask(next_device++);
    FD_ZERO(&set);
    snmp_select_info(&fds, &set, &wait, &block);
    ready = select(fds, &set, NULL, NULL, block ? NULL : &wait);
    if (ready > 0) snmp_read(&set);
    else snmp_timeout();
    while (done_count > 0) snmp_close(done[--done_count]);
  }
  printf("{\"answered\":%ld,\"stored\":0,\"wallMs\":%.3f,\"cpuMs\":%.3f}\n", answered, now_ms() - started, cpu_ms() - cpu);
  return total < 0;
}
