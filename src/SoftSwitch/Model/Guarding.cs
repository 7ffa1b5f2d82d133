namespace SoftSwitch.Model;

/// <summary>What a port's guest may say of who it is.</summary>
public enum Guarding
{
    /// <summary>Anything, as at a switch's socket in the wall.</summary>
    Off,

    /// <summary>That it is the station whose MAC address is the port's.</summary>
    Mac,

    /// <summary>That it has the IP addresses which the port was given or lent.</summary>
    Ip,

    /// <summary>Both.</summary>
    On,
}
