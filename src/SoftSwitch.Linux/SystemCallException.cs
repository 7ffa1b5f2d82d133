using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux;

/// <summary>
/// The kernel refused. The message is one line for people: what it was about, what is wrong, and the cure where one is known.
/// </summary>
/// <param name="call">The system call or request, such as <c>TUNSETIFF</c>.</param>
/// <param name="errorNumber">errno, positive.</param>
/// <param name="subject">What it was about: a file, an interface, a namespace.</param>
/// <param name="cure">What to do about it; left out, the general one for this errno.</param>
/// <param name="detail">The kernel's own words (NETLINK_EXT_ACK), when it sent some.</param>
public sealed class SystemCallException(string call, int errorNumber, string subject, string? cure = null, string? detail = null)
    : IOException(Describe(call, errorNumber, subject, cure, detail))
{
    private readonly string? _message;

    /// <summary>The same refusal, with more said before it.</summary>
    public SystemCallException(SystemCallException refused, string before)
        : this(refused.Call, refused.ErrorNumber, refused.Subject) => _message = $"{before}: {refused.Message}";

    public override string Message => _message ?? base.Message;

    /// <summary>The system call or request that failed.</summary>
    public string Call => call;

    /// <summary>errno, positive.</summary>
    public int ErrorNumber => errorNumber;

    /// <summary>Whoever asked may not do that: it won't pass by itself.</summary>
    public bool IsForWantOfRights => errorNumber is Errno.EPERM or Errno.EACCES;

    /// <summary>The symbol of errno.h, such as <c>EPERM</c>.</summary>
    public string ErrorName => ErrnoName.Of(errorNumber);

    /// <summary>What the call was about.</summary>
    public string Subject => subject;

    /// <summary>Throws for the errno that the last call with SetLastError left on this thread.</summary>
    /// <param name="cure">What to do about an errno. It is asked after the errno was read: looking for a cure makes calls that leave an
    /// errno of their own.</param>
    [DoesNotReturn]
    public static void ThrowLast(string call, string subject, Func<int, string?>? cure = null)
    {
        var errno = Marshal.GetLastPInvokeError();
        throw new SystemCallException(call, errno, subject, cure?.Invoke(errno));
    }

    /// <summary>Returns <paramref name="result"/> of a call, or throws when it is negative.</summary>
    public static int ThrowIfNegative(int result, string call, string subject)
    {
        if (result < 0)
            ThrowLast(call, subject);
        return result;
    }

    private static string Describe(string call, int errorNumber, string subject, string? cure, string? detail)
    {
        var text = Marshal.GetPInvokeErrorMessage(errorNumber);
        text = text.Length > 1 && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
        if (detail is not null)
            text += ", " + detail.TrimEnd('.', '\n');
        cure ??= errorNumber switch
        {
            Errno.EPERM or Errno.EACCES => Remedy.Here.Capability(Capability.NetAdmin),
            Errno.EMFILE => OpenFiles.Cure(),
            Errno.ENFILE => "the whole machine has no open file left; see and raise: sysctl fs.file-nr fs.file-max",
            _ => $"{call}: {ErrnoName.Of(errorNumber)}",
        };
        return $"{subject}: {text} ({cure})";
    }
}
