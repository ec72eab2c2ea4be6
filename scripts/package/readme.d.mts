export declare const packageReadme: (text: string) => string;
