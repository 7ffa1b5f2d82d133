namespace SoftSwitch.Model;

/// <summary>What a worker does when no frame waits.</summary>
public enum PollMode
{
    /// <summary>Spins a little, then sleeps in the kernel.</summary>
    Adaptive,

    /// <summary>Never sleeps: for dedicated cores.</summary>
    Always,
}
