namespace SoftSwitch.Linux.Endpoints;

/// <summary>What the outside half of a port allows.</summary>
public enum EndpointState
{
    /// <summary>Frames pass.</summary>
    Up,

    /// <summary>Open on our side, nobody at the other end.</summary>
    Waiting,

    /// <summary>The interface is down.</summary>
    Down,

    /// <summary>The other end has become another than the port was opened for: it must be opened anew.</summary>
    Changed,

    /// <summary>The other end isn't there any more.</summary>
    Gone,
}
