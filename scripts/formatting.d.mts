/** Lays out a text as `npm run format` would. @param file says the language by its ending */
export function formatted(file: string, text: string): Promise<string>;
