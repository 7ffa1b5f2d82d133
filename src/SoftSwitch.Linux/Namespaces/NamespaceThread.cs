using System.Runtime.ExceptionServices;

namespace SoftSwitch.Linux.Namespaces;

/// <summary>A thread for work in another namespace, which ends with it.</summary>
internal static class NamespaceThread
{
    /// <summary>What the work throws, this throws.</summary>
    public static T Run<T>(Func<T> work)
    {
        var result = default(T);
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }) { IsBackground = true, Name = "namespace" };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }
}
