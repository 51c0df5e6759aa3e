package io.tubelet.engine;

/** No engine can compute where the configuration wants it. The message says why, in full. */
public final class EngineUnavailableException extends RuntimeException {
  /** With the reason. */
  public EngineUnavailableException(String message) {
    super(message);
  }
}
