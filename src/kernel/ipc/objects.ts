import { type Kernel, newId } from '../kernel.js';
import type { IpcObject, MessageQueue, Semaphores } from './types.js';

/** The table of System V objects (ipc/util.c). Only private ones: no keys. */

export function findIpc(kernel: Kernel, id: number): IpcObject | undefined {
  return kernel.state.ipc.find((object) => object.id === id);
}

export function findQueue(kernel: Kernel, id: number): MessageQueue | undefined {
  const object = findIpc(kernel, id);
  return object?.kind === 'messages' ? object : undefined;
}

export function findSemaphores(kernel: Kernel, id: number): Semaphores | undefined {
  const object = findIpc(kernel, id);
  return object?.kind === 'semaphores' ? object : undefined;
}

/** The id of a new one. */
export function addIpc(kernel: Kernel, make: (id: number) => IpcObject): number {
  const object = make(newId(kernel));
  kernel.state.ipc = [...kernel.state.ipc, object];
  return object.id;
}

export function changeIpc(kernel: Kernel, changed: IpcObject): void {
  const next = { ...changed, version: changed.version + 1 };
  kernel.state.ipc = kernel.state.ipc.map((object) => (object.id === changed.id ? next : object));
}

export function removeIpc(kernel: Kernel, id: number): void {
  kernel.state.ipc = kernel.state.ipc.filter((object) => object.id !== id);
}
