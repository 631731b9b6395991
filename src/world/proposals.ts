// What a design may ask of the kernel, for those above the world.
export { LITERAL, SWITCHES, stickySwitches } from '../kernel/proposals/switches.js';
export type { Proposals, StickySwitches } from '../kernel/proposals/types.js';
