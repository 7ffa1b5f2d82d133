namespace SoftSwitch.SystemTests;

/// <summary>
/// Classes that share the machine with no other test. Those that fill its processors (streams, floods, guests without KVM): their receivers
/// and captures would lose frames for want of a processor. Those that hold an answer against a clock, or aim at a moment. Those that look
/// at the machine's own network namespace, or put ports into it. And those that judge what closing a descriptor of this process does at
/// once: a program that another test starts holds a copy of it between fork and exec.
/// </summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class AloneOnTheMachine;
