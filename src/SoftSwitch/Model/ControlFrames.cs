namespace SoftSwitch.Model;

/// <summary>What becomes of frames that bridges and their neighbors say to each other: STP, LACP, 802.1X, LLDP.</summary>
public enum ControlFrames
{
    /// <summary>They end here, as they do at any bridge.</summary>
    Drop,

    /// <summary>They go to everybody in the network, so that guests are each other's neighbors.</summary>
    Forward,
}
