/* paho PORT ROWS WINDOW BYTES TOPIC: so many messages of QoS 1 by the Paho library for C, WINDOW under way at once. */
#include <MQTTAsync.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static int online = 0, under_way = 0, failed = 0;

static void change(int *what, int by) {
  pthread_mutex_lock(&lock);
  *what += by;
  pthread_cond_signal(&moved);
  pthread_mutex_unlock(&lock);
}

static void on_connect(void *context, MQTTAsync_successData *data) { (void)context; (void)data; change(&online, 1); }
static void on_refused(void *context, MQTTAsync_failureData *data) { (void)context; (void)data; change(&failed, 1); }
static void on_sent(void *context, MQTTAsync_successData *data) { (void)context; (void)data; change(&under_way, -1); }

static double now_ms(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1e3 + at.tv_nsec / 1e6;
}

int main(int count, char **words) {
  if (count != 6) return 2;
  int rows = atoi(words[2]), window = atoi(words[3]), bytes = atoi(words[4]);
  char address[64];
  snprintf(address, sizeof address, "tcp://127.0.0.1:%d", atoi(words[1]));
  char *payload = malloc(bytes);
  memset(payload, 'x', bytes);
  MQTTAsync client;
  MQTTAsync_createOptions made = MQTTAsync_createOptions_initializer;
  made.maxBufferedMessages = window;
  if (MQTTAsync_createWithOptions(&client, address, "paho", MQTTCLIENT_PERSISTENCE_NONE, NULL, &made) != MQTTASYNC_SUCCESS) return 1;
  MQTTAsync_connectOptions how = MQTTAsync_connectOptions_initializer;
  how.maxInflight = window;
  how.onSuccess = on_connect;
  how.onFailure = on_refused;
  if (MQTTAsync_connect(client, &how) != MQTTASYNC_SUCCESS) return 1;
  pthread_mutex_lock(&lock);
  while (!online && !failed) pthread_cond_wait(&moved, &lock);
  double start = now_ms();
  for (int sent = 0; sent < rows && !failed; sent++) {
    while (under_way >= window && !failed) pthread_cond_wait(&moved, &lock);
    under_way++;
    pthread_mutex_unlock(&lock);
    MQTTAsync_responseOptions answer = MQTTAsync_responseOptions_initializer;
    answer.onSuccess = on_sent;
    answer.onFailure = on_refused;
    if (MQTTAsync_send(client, words[5], bytes, payload, 1, 0, &answer) != MQTTASYNC_SUCCESS) return 1;
    pthread_mutex_lock(&lock);
  }
  while (under_way > 0 && !failed) pthread_cond_wait(&moved, &lock);
  pthread_mutex_unlock(&lock);
  if (failed) return 1;
  printf("{\"rows\":%d,\"wallMs\":%.3f}\n", rows, now_ms() - start);
  return 0;
}
