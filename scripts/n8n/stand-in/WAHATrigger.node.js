// The WAHA Trigger of version 202602 as its users see it: POST to …/waha,
// answered before the workflow runs, no signature checked; the item is the
// body, on the output of its event; events that are not listened to are
// answered and ignored. Written for `make test-n8n`, not for use.
'use strict';

class WAHATrigger {
  description = {
    displayName: 'WAHA Trigger',
    name: 'wahaTrigger',
    group: ['trigger'],
    version: 202602,
    description: 'Handle WAHA events via webhooks',
    defaults: { name: 'WAHA Trigger' },
    inputs: [],
    outputs: '={{ $parameter.listenEvents.map((event) => ({ type: "main", displayName: event })) }}',
    credentials: [],
    webhooks: [{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'waha' }],
    properties: [
      {
        displayName: 'Events',
        name: 'listenEvents',
        type: 'multiOptions',
        options: ['session.status', 'message', 'message.any', 'label.upsert', 'label.deleted', 'label.chat.added', 'label.chat.deleted'].map(
          (event) => ({ name: event, value: event }),
        ),
        default: ['message'],
        required: true,
      },
    ],
  };

  async webhook() {
    const body = this.getBodyData();
    const listened = this.getNodeParameter('listenEvents');
    const output = listened.indexOf(body.event);
    if (output < 0) return {};
    const items = listened.map(() => []);
    items[output] = this.helpers.returnJsonArray(body);
    return { workflowData: items };
  }
}

module.exports = { WAHATrigger };
