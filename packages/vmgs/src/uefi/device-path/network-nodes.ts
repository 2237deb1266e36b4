/** Messaging nodes of the network (UEFI 2.10, section 10.3.4). */

import { bytes, field, struct, u8, u16, untilEnd } from "../../layout/index.ts";
import { ipv4Address, ipv6Address } from "./ip-address.ts";
import { DevicePathType, nodeKind } from "./node-kind.ts";
import {
  type Argument,
  call,
  decimal,
  hexDump,
  integer,
  keyword,
  type NodeText,
  optional,
  textError,
  upperHex,
  withConstants,
} from "./text-argument.ts";

const { MESSAGING } = DevicePathType;

/** Network protocols that have a name in text (IANA protocol numbers). */
const protocol = keyword({ UDP: 17, TCP: 6 }, 17);

interface MacBody {
  readonly address: Uint8Array;
  readonly ifType: number;
}
const ETHERNET_ADDRESS_SIZE = 6;
const macAddress: Argument<Uint8Array> = { format: upperHex, parse: hexDump.parse };
const macCall = call<MacBody>("MAC", { address: macAddress, ifType: optional(integer, 0) });

/** Six bytes for Ethernet, else the whole field. */
const macText: NodeText<MacBody> = {
  names: ["MAC"],
  format: ({ address, ifType }) => {
    const short = ifType <= 1 && address.subarray(ETHERNET_ADDRESS_SIZE).every((byte) => byte === 0);
    return macCall.format({ address: short ? address.subarray(0, ETHERNET_ADDRESS_SIZE) : address, ifType });
  },
  parse: (name, inside) => {
    const { address: given, ifType } = macCall.parse(name, inside);
    if (given.length > 32) throw textError("a MAC address has at most 32 bytes");
    const address = new Uint8Array(32);
    address.set(given);
    return { address, ifType };
  },
};

const ipv4Fields = {
  localAddress: field(bytes(4), "local address"),
  remoteAddress: field(bytes(4), "remote address"),
  localPort: field(u16, "local port"),
  remotePort: field(u16, "remote port"),
  protocol: field(u16, "IANA protocol number"),
  staticAddress: field(u8, "0 by DHCP, 1 static"),
};
const ipv4Arguments = {
  remoteAddress: ipv4Address,
  protocol,
  staticAddress: keyword({ DHCP: 0, Static: 1 }, 0),
  localAddress: ipv4Address,
};
const ports = { localPort: 0, remotePort: 0 };

interface DnsBody {
  readonly isIpv6: number;
  readonly servers: readonly Uint8Array[];
}
const dnsText: NodeText<DnsBody> = {
  names: ["Dns"],
  format: ({ isIpv6, servers }) => {
    const show = (server: Uint8Array) =>
      isIpv6 === 0 ? ipv4Address.format(server.subarray(0, 4)) : ipv6Address.format(server);
    return `Dns(${servers.map(show).join(",")})`;
  },
  parse: (_, inside) => {
    const isIpv6 = inside.includes(":") ? 1 : 0;
    const servers = inside === "" ? [] : inside.split(",").map((text) => dnsServer(text.trim(), isIpv6));
    return { isIpv6, servers };
  },
};

function dnsServer(text: string, isIpv6: number): Uint8Array {
  const server = new Uint8Array(16);
  server.set((isIpv6 === 0 ? ipv4Address : ipv6Address).parse(text));
  return server;
}

export const networkKinds = {
  macAddress: nodeKind(
    MESSAGING,
    11,
    struct("macAddress", {
      address: field(bytes(32), "address, padded with zeros"),
      ifType: field(u8, "interface type of RFC 3232; 1 = Ethernet"),
    }),
    macText,
  ),
  ipv4: nodeKind(
    MESSAGING,
    12,
    struct("ipv4", {
      ...ipv4Fields,
      gateway: field(bytes(4), "gateway"),
      subnetMask: field(bytes(4), "subnet mask"),
    }),
    withConstants(call("IPv4", { ...ipv4Arguments, gateway: ipv4Address, subnetMask: ipv4Address }), ports),
  ),
  /** As before UEFI 2.3: without gateway and subnet mask. */
  ipv4WithoutGateway: nodeKind(MESSAGING, 12, struct("ipv4WithoutGateway", ipv4Fields), {
    ...withConstants(call("IPv4", ipv4Arguments), ports),
    names: [],
  }),
  ipv6: nodeKind(
    MESSAGING,
    13,
    struct("ipv6", {
      localAddress: field(bytes(16), "local address"),
      remoteAddress: field(bytes(16), "remote address"),
      localPort: field(u16, "local port"),
      remotePort: field(u16, "remote port"),
      protocol: field(u16, "IANA protocol number"),
      origin: field(u8, "0 static, 1 stateless, 2 stateful"),
      prefixLength: field(u8, "bits of the prefix"),
      gateway: field(bytes(16), "gateway"),
    }),
    withConstants(
      call("IPv6", {
        remoteAddress: ipv6Address,
        protocol,
        origin: keyword({ Static: 0, StatelessAutoConfigure: 1, StatefulAutoConfigure: 2 }, 0),
        localAddress: ipv6Address,
        prefixLength: optional(integer, 0),
        gateway: ipv6Address,
      }),
      ports,
    ),
  ),
  vlan: nodeKind(
    MESSAGING,
    20,
    struct("vlan", { vlanId: field(u16, "VLAN, 0 to 4094") }),
    call("Vlan", { vlanId: decimal }),
  ),
  dns: nodeKind(
    MESSAGING,
    31,
    struct("dns", {
      isIpv6: field(u8, "0 IPv4, 1 IPv6"),
      servers: field(untilEnd(bytes(16)), "addresses; an IPv4 one takes the first four bytes"),
    }),
    dnsText,
  ),
} as const;
