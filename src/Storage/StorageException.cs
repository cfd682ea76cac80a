namespace Poolhouse.Storage;

/// <summary>The data cannot be opened as asked; the message is written for the operator.</summary>
public class StorageException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The database does not answer now; a surface says 503 with Retry-After.</summary>
public class StorageUnavailableException(string message, Exception? inner = null) : StorageException(message, inner);

/// <summary>The disk is full: nothing was written, reads and revocations go on.</summary>
public sealed class StorageFullException(Exception? inner = null)
    : StorageUnavailableException("The disk that holds the data is full.", inner);
