namespace SoftSwitch.State.Ports;

/// <summary>A port's state, in the words of the API.</summary>
internal enum PortStatus
{
    /// <summary>Frames pass.</summary>
    Up,

    /// <summary>Open on our side, nobody at the other end.</summary>
    Waiting,

    /// <summary>Its interface is down.</summary>
    Down,

    /// <summary>It can't go on; it is retried.</summary>
    Failed,
}
