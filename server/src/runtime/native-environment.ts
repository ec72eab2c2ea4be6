/** What native code reads from the environment: to be set before the runtime first starts, by the main thread. */

/**
 * Keeps what the user has set.
 * - The runtime reports its use to Microsoft from version 1.29 on, with an id and a database of its own (onnxruntime #27379).
 *   Which images and models a user looks at is nobody else's business, so it is turned off.
 * - NVIDIA's libraries round float32 products to TF32 (10 bits of mantissa) on Ampere and later, which is worse than the 1e-3
 *   that devices agree to. The runtime's option for it (`use_tf32`, on by default) cannot be set through onnxruntime-node,
 *   whose binding reads no CUDA option but `deviceId`; this variable overrides it. `NVIDIA_TF32_OVERRIDE=1` allows TF32.
 *
 * A worker thread's `process.env` is a copy that native code does not see: calling this there changes nothing.
 */
export function prepareNativeEnvironment(env: NodeJS.ProcessEnv = process.env): void {
  env['ORT_DISABLE_TELEMETRY'] ??= '1';
  env['NVIDIA_TF32_OVERRIDE'] ??= '0';
}
