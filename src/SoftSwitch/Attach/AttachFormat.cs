namespace SoftSwitch.Attach;

/// <summary>The program in whose words a guest is plugged in.</summary>
public enum AttachFormat
{
    /// <summary>Options of a QEMU command line.</summary>
    Qemu,

    /// <summary>An interface of a libvirt domain, as XML.</summary>
    Libvirt,

    /// <summary>An option of virt-install.</summary>
    VirtInstall,

    /// <summary>Steps that give a container the port.</summary>
    Docker,
}
