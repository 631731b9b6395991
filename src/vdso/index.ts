// The vDSO reader's public face.
export { type Alternative, type AlternativesResult, readAlternatives } from './alternatives.js';
export { type CarveResult, carveImages, imagesInFile } from './carve.js';
export { type AddedCode, codeAddress, extendVdso } from './extend.js';
export { FORM_IDS, nameForm } from './forms.js';
export { isRebuilt, listHistorical } from './historical.js';
export { cpuKindsOf, type ListedImage, listImages, loadVariant } from './images.js';
export { findLandingPad, type LandingPadResult } from './landing.js';
export { type LoadOptions, loadVdso } from './load.js';
export { nopBytes } from './nops.js';
export { byVersion } from './order.js';
export { type PatchResult, type PatchTarget, patchAlternatives } from './patch.js';
export { decodedPart, type PendingPart, partOf2016 } from './pending.js';
export { buildImage, buildReconstruction, RECONSTRUCTIONS, type Reconstruction } from './reconstruct.js';
export * from './types.js';
