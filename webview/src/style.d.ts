/** Style sheets, which the bundler puts beside the script that imports them. */
declare module '*.css';
