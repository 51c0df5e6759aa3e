package io.tubelet.spark.run;

import java.io.Serializable;

/**
 * How far a training is: what {@code state.json} keeps beside the tensors' digests.
 *
 * @param settings digest of all that decides the weights; a run resumes with the same only
 * @param round rounds taken
 * @param step steps taken
 * @param finished whether the training is complete
 */
public record Progress(String settings, long round, long step, boolean finished)
    implements Serializable {}
