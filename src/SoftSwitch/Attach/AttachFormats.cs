using SoftSwitch.Text;

namespace SoftSwitch.Attach;

/// <summary>The words for <see cref="AttachFormat"/>.</summary>
public static class AttachFormats
{
    public static WordList<AttachFormat> Words { get; } = new(
        (AttachFormat.Qemu, "qemu"), (AttachFormat.Libvirt, "libvirt"), (AttachFormat.VirtInstall, "virt-install"),
        (AttachFormat.Docker, "docker"));

    public static string Word(this AttachFormat format) => Words[format];
}
