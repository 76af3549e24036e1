import { expect, it } from "vitest";
import { anonymizeAddress } from "../../src/contract/ip.ts";

it.each([
	["1.2.3.4", "1.2.3.0"],
	[" 255.255.255.255\n", "255.255.255.0"],
	["2001:db8::1", "2001:db8::"],
	["2001:db8:abcd:1234:5678:9abc:def0:1234", "2001:db8:abcd::"],
	["2001:0:abcd::1", "2001:0:abcd::"],
	["::1", "::"],
	["fe80:1:2:3:4:5:6:7", "fe80:1:2::"],
	["::ffff:1.2.3.4", "1.2.3.0"],
	["::FFFF:0102:0304", "1.2.3.0"],
	["[2001:db8::1]", "2001:db8::"],
	["fe80::1%eth0", "fe80::%eth0"],
])("truncates %s to %s, and does not change the result if it is truncated again", (address, network) => {
	expect(anonymizeAddress(address)).toBe(network);
	expect(anonymizeAddress(network)).toBe(network);
});

it.each([
	...["10.0.0.1:8080", "1.2.3", "01.2.3.4", "999.1.1.1", "1.2.3.4/24", "gggg::", "1::2::3", "1:2:3:4:5:6:7", ""],
	...["::ffff:1.2.3.999", "1:2:3:4:5:6:7:8:9", 16_909_060, ["1.2.3.4"], null, undefined],
])("rejects %s", (address) => {
	expect(anonymizeAddress(address)).toBeNull();
});
