/** The server's lifecycle between `initialize` and `exit`; the protocol defines the errors to answer outside it. */
import { ErrorCodes, ResponseError } from 'vscode-languageserver';

export class Lifecycle {
  private phase: 'before' | 'running' | 'over' = 'before';

  begin(): void {
    if (this.phase !== 'before')
      throw new ResponseError(ErrorCodes.InvalidRequest, 'The server is already initialized.');
    this.phase = 'running';
  }

  end(): void {
    this.phase = 'over';
  }

  /** @throws ResponseError */
  requireRunning(): void {
    if (this.phase === 'before')
      throw new ResponseError(ErrorCodes.ServerNotInitialized, 'The server waits for `initialize`.');
    if (this.phase === 'over')
      throw new ResponseError(
        ErrorCodes.InvalidRequest,
        'The server was shut down and only waits for `exit`.',
      );
  }
}
