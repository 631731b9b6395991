export declare const fetchFixtures: (options?: {
  all?: boolean;
  retry?: boolean;
  ids?: readonly string[];
}) => void;
