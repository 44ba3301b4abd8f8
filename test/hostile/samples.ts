/** Valid messages, as the documents print them. Values are made up. */

export const SIP_OK =
  'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP groundswell.invalid;branch=z9hG4bKabcdef;rport=5060;received=127.0.0.1\r\nFrom: <sip:a@b>;tag=1\r\nTo: "Desk" <sip:1001@192.0.2.7>;tag=2\r\nCall-ID: 1@b\r\nCSeq: 1 OPTIONS\r\nContact: <sip:1001@192.0.2.7:5060>\r\nUser-Agent: Polycom/5.5.2.8571 PolycomVVX-VVX_310-UA/5.5.2.8571\r\nContent-Length: 0\r\n\r\n';
export const SIP_CHALLENGE =
  'SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nCall-ID: 1@b\r\nCSeq: 2 NOTIFY\r\nWWW-Authenticate: Digest realm="PlcmSpIp", nonce="abc", algorithm=MD5, qop="auth,auth-int", stale=true\r\n\r\n';

export const CHALLENGES = [
  'Digest realm="Polycom", qop="auth", nonce="5f2c", opaque="0000", algorithm=SHA-256, stale=false, Basic realm="Poly"',
  'Basic realm="Polycom \\"phone\\"", Digest realm="x", nonce="y", charset=UTF-8, userhash=true',
];

export const PHONE_ANSWERS = [
  '{"data":{"ModelNumber":"Edge E350","FirmwareRelease":"8.5.0.1107","DeviceType":"hardwareEndpoint","DeviceVendor":"Poly","UpTimeSinceLastReboot":"3 Days 4:05:06","IPV4Address":"192.0.2.10","MACAddress":"482567aabbcc","AttachedHardware":{"EM":[{"type":"EM50","version":"1.0"}]}},"Status":"2000"}',
  '{"data":{"DeviceVendor":"Polycom","ModelNumber ":"Trio 8800","Firmware":{"BootBlock":"3.0.6.0002 (65290-001)","Application":"7.2.1.1000 01-Feb-22 10:00","Updater":"7.2.1.1000"},"UpTime":{"Days":"1","Hours":"2","Minutes":"3","Seconds":"4"},"MacAddress":"64167faabbcc","ReadyToUse":"True","CanApplyShutdownRequest":"True","IntendToShutdown":"False","AttachedHardware":[]},"Status":2000}',
  '{"data":[{"CallHandle":"0x1","Type":"Incoming","Protocol":"SIP","CallState":"Connected","LineID":"1","UIAppearanceIndex":"1*","DurationSeconds":"12","Ringing":"0"}],"Status":"2000"}',
  '{"data":[{"LineNumber":"1","Label":"1001","LineType":"private","SIPAddress":"1001@pbx.example","ProxyAddress":"pbx.example","Protocol":"SIP","RegistrationStatus":"registered"}],"Status":"2000"}',
  '{"data":{"State":"Error","StateData":"All Phone applications are not ready."},"Status":"2000"}',
  '{"data":{"CPU":{"Average":"12.5"},"Memory":{"SizeKB":"1024","UsedKB":"512"},"ProvServerAddress":"https://t1.deviceprovisioning.eu.dm.lens.poly.com","RxPackets":"12","TxPackets":"34"},"Status":"2000"}',
];

export const VIDEO_ANSWERS = [
  '{"model":"StudioX50","serialNumber":"8L21AAAABBCCFD","softwareVersion":"3.11.0","build":"364000","state":"READY","systemName":"Room 5","rebootNeeded":false,"uptime":1234567.8}',
  '[{"id":"PENDING","isPendingConference":true,"connections":[{"state":"RINGING","address":"a@b","callType":"SIP"}]}]',
  '[{"langtag":"LAN","name":"system.status.ipnetwork","stateList":["up"]},{"languageTag":"CAM","name":"system.status.mr.camera","state":["down"]}]',
  '[{"productName":"Poly TC8","deviceType":"TOUCHCONTROL","softwareVersion":"3.10.0-210644","serialNumber":"8L22AAAABBCCFD","macAddress":"00e0dbaabbcc","deviceState":"PAIRED"}]',
  '{"activePersona":"Teams"}',
  '{"result":true}',
  '<?xml version="1.0"?><PHONE_CONFIG><ALL upgrade.auto.server.type="prov_server" device.prov.serverName="https://x.lens.poly.com/"/></PHONE_CONFIG>',
  '{"vars":[{"name":"management.provisioning.server","value":"x","result":"NOERROR","isEditable":true}],"rebootNeeded":false}',
  '[{"address":"192.0.2.5","state":"UP","model":"x","version":"1"}]',
  '{"sessionList":[{"sessionId":"PS1","location":"10.0.0.1","role":"ADMIN"}]}',
  '[{"appName":"Teams","personaName":"MTR","packageName":"com.microsoft.teams","versionInfo":"1","lastUpdatedOn":1}]',
  "CONTENT_IDLE",
  '<?xml version="1.0"?><SYSTEMSTATUS><INACALL><STATE>off</STATE></INACALL><MICROPHONES><STATE>down</STATE></MICROPHONES></SYSTEMSTATUS>',
  '<apicommands><apicommand><command status="success"/><result>system is not in a call</result></apicommand><apicommand><command status="success"/><result>version "Release - 3.1.14-56008"</result></apicommand></apicommands>',
  "productversion,Release - 3.1.14\r\nbuildnumber,56008\r\nserialnumber,8203AAAABBCCCV\r\nmodel,HDX 9006\r\nincall,False",
];

export const TRANSCRIPT =
  "callinfo all\r\r\nHi, my name is : Room 700\r\r\nHere is what I know about myself:\r\r\nModel: RealPresence Group 700\r\r\n-> callinfo begin\r\r\ncallinfo:36:192.0.2.102:256:connected:notmuted:outgoing:videocall\r\r\nnotification:callstatus:incoming:1::x:connected:64:0:videocall\r\r\ncallinfo end\r\r\n-> ";

export const DEVICE_TEXTS = [
  "FileTransport PolycomVVX-VVX_311-UA/5.9.6.2327 (SN:0004f2aabbcc) Type/Application",
  "Polycom HDX 9006 (Release - 3.0.6-37004)",
  "Polycom;VVX-VVX_311;3111-48350-001,1;SIP/5.6.0.18519/15-Nov-17 23:08;UP/5.8.0.23953/15-Nov-17 23:29;",
  "Polycom VVX 250|Updater:6.4.6.2681|App:6.4.6.2681",
  "3c0e506f6c79636f6d2d565658343131",
  "0000363d280107506f6c79636f6d0215536f756e64506f696e7449502d535049505f363031",
  "Release - 6.2.2.8-670021",
];

export const XML = [
  '<?xml version="1.0"?><PHONE_IMAGES><REVISION ID=""><PHONE_IMAGE><VERSION>4.0.14.1580</VERSION><PATH>http://192.0.2.1/f/</PATH></PHONE_IMAGE></REVISION></PHONE_IMAGES>',
  "<PolycomIPPhone><CallLineInfo><LineKeyNum>1</LineKeyNum><LineState>Active</LineState><CallInfo><CallState>Connected</CallState></CallInfo></CallLineInfo></PolycomIPPhone>",
];

export const PHONE_PAGES = [
  '<html><title>Polycom</title><td id="phoneModelInformationTd">\n VVX 411 </td><td>3111-48450-001 Rev:A</td><td>64:16:7f:aa:bb:cc</td><td id="UCS_software_version">5.9.7.3480</td></html>',
  "1122101500|so   |*|00|Initial log entry.\n1122101501|copy |4|00|Could not set the custom header\n",
];

export const REQUESTS = [
  "/0004f2aabbcc.cfg\nFileTransport PolycomVVX-VVX_311-UA/5.9.6.2327 Type/Application\n",
  "/fw/attempt-1/3111-44500-001.sip.ld\nFileTransport PolycomVVX-VVX_500-UA/5.9.7.47435 Type/Updater\n",
  "/00e0dbaabbcc.cfg\nFileTransport G_SERIES-PolyStudioX30-UA/3.10.0_362035 Type/Application\n8L21ABAABBCCFD/00:e0:db:aa:bb:cc/192.0.2.7\n192.0.2.7, 198.51.100.1",
  "/0004f2aabbcc-user.cfg\nFileTransport PolycomSoundPointIP-SPIP_550-UA/4.0.15.1047 (SN:0004f2aabbcc) Type/Application\n",
];

export const PROVISION_MESSAGE =
  '<p:ProvisionRequestMessage xmlns:p="http://polycom.com/polaris"><deviceType>GROUPSERIES</deviceType><serialNumber>8213AAAABBCCCV</serialNumber><model>RealPresence Group 500</model></p:ProvisionRequestMessage>';

/** A PUBLISH, a PINGRESP and a CONNACK of MQTT 3.1.1. */
export const MQTT = "301400096772 6f756e642f783a68656c6c6f2121d0002002 0000".replaceAll(" ", "");

export const CLAIMS = [
  '{"iss":"6Te7Y7dFmU0Fhh5hZonhSWpDbJucFDKQf_lu_nu1R9A","aud":"contoso-zh","iat":1795327321,"exp":1795327921,"jti":"01JD0000000000000000000000","cmd":{"name":"campaign.start","args":{"campaign":"c-abcd1234","planHash":"0000000000000000000000000000000000000000000000000000000000000000"}}}',
];

export const CATALOGUES = [
  '<?xml version="1.0"?><PHONE_IMAGES><REVISION ID=""><PHONE_IMAGE><VERSION>4.0.14.1580</VERSION><PATH>http://192.0.2.1/firmware/4.0.14/</PATH></PHONE_IMAGE></REVISION></PHONE_IMAGES>',
];

const LENS_NODE = {
  id: "64167faabbcc",
  macAddress: "64:16:7f:aa:bb:cc",
  connected: true,
  lastDetected: "2026-01-02T03:04:05.678Z",
  softwareVersion: "7.2.7.0110",
  site: { name: "Zug" },
  connections: [{ name: "TC10", macAddress: "00:e0:db:00:00:01" }],
  systemStatus: { data: { com: { poly: { device: { status: { camera: { state: "up" } } } } } } },
  bandwidth: { endTime: "2026-01-02T03:04:05.678Z", pingJitterMs: 1.5 },
  entitlements: [{ productSerial: "S", licenseKey: "K", endDate: "2026-01-01", expired: true }],
};
export const LENS_ANSWERS = [
  { data: { deviceSearch: { edges: [{ node: LENS_NODE }], pageInfo: { totalCount: 1, nextToken: null, hasNextPage: false } } } },
  { errors: [{ message: 'Cannot query field "x" on type "Y".', extensions: { code: "GRAPHQL_VALIDATION_FAILED", stacktrace: ["a"] } }] },
  {
    data: { activeCalls: { calls: [{ id: "1", state: "x" }] }, calculateQueryCost: { queryCost: 1, costRemaining: 2, secondsToReset: 3 } },
  },
  {
    data: {
      availableProductSoftwareByPid: [{ version: "0225_0_0", productBuild: { archiveUrl: "https://swupdate.lens.poly.com/a/b/c/d" } }],
    },
  },
].map((answer) => JSON.stringify(answer));

/** RFC 5424, 6.5, example 1, and RFC 3164, 5.4, example 1. */
export const SYSLOG_5424 = "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - 'su root' failed for lonvick on /dev/pts/8";
export const SYSLOG_3164 = "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8";
/** linkDown of version 1 (RFC 1157, 4.1.6): enterprise, agent address, generic 2, specific 0, time. */
export const TRAP_V1 = Buffer.from("302702010004067075626c6963a41a06072b06010401ec3d4004c00002050201020201004301643000", "hex");
