// Types of fetch.mjs, for the TypeScript that uses it.
export declare const fetchFixtures: (options?: {
  all?: boolean;
  retry?: boolean;
  ids?: readonly string[];
}) => void;
