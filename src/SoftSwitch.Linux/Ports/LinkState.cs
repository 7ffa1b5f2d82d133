namespace SoftSwitch.Linux.Ports;

/// <summary>What the interface behind a port allows.</summary>
public enum LinkState
{
    /// <summary>Frames pass.</summary>
    Up,

    /// <summary>Open on our side, nobody at the other end.</summary>
    Waiting,

    /// <summary>The interface is down.</summary>
    Down,

    /// <summary>The interface has become another than the port was opened for: it must be opened anew.</summary>
    Changed,

    /// <summary>The interface isn't there any more.</summary>
    Gone,
}
