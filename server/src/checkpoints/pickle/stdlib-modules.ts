/** Python's own modules: `sys.stdlib_module_names` of CPython 3.11, and those of 2.7 and 3.8 to 3.14 that it lacks. */
export const STDLIB_MODULES: ReadonlySet<string> = new Set(
  (
    '__future__ _abc _aix_support _android_support _apple_support _ast _asyncio _bisect _blake2 ' +
    '_bootsubprocess _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw ' +
    '_collections _collections_abc _colorize _compat_pickle _compression _contextvars _crypt _csv _ctypes ' +
    '_curses _curses_panel _datetime _dbm _decimal _dummy_thread _dummy_threading _elementtree ' +
    '_frozen_importlib _frozen_importlib_external _functools _gdbm _hashlib _heapq _imp _interpchannels ' +
    '_interpqueues _interpreters _io _ios_support _json _locale _lsprof _lzma _markupbase _md5 _msi ' +
    '_multibytecodec _multiprocessing _opcode _opcode_metadata _operator _osx_support _overlapped _pickle ' +
    '_posixshmem _posixsubprocess _py_abc _pydatetime _pydecimal _pyio _pylong _pyrepl _queue _random ' +
    '_scproxy _sha1 _sha256 _sha3 _sha512 _signal _sitebuiltins _socket _sqlite3 _sre _ssl _stat ' +
    '_statistics _string _strptime _struct _symtable _sysconfig _testcapi _testinternalcapi _thread ' +
    '_threading_local _tkinter _tokenize _tracemalloc _typing _uuid _warnings _weakref _weakrefset ' +
    '_winapi _winreg _xxtestfuzz _zoneinfo abc aifc annotationlib antigravity anydbm argparse array ast ' +
    'asynchat asyncio asyncore atexit audioop base64 BaseHTTPServer Bastion bdb binascii binhex bisect ' +
    'bsddb builtins bz2 calendar cgi CGIHTTPServer cgitb chunk cmath cmd code codecs codeop collections ' +
    'colorsys commands compileall compiler compression concurrent ConfigParser configparser contextlib ' +
    'contextvars Cookie cookielib copy copyreg cPickle cProfile crypt cStringIO csv ctypes curses ' +
    'dataclasses datetime dbhash dbm decimal difflib dircache dis distutils doctest DocXMLRPCServer ' +
    'dumbdbm dummy_threading email encodings ensurepip enum errno exceptions execfile_ faulthandler fcntl ' +
    'filecmp fileinput fnmatch formatter fpformat fractions ftplib functools gc gdbm genericpath getopt ' +
    'getpass gettext glob graphlib grp gzip hashlib heapq hmac hotshot html htmlentitydefs htmllib ' +
    'HTMLParser http httplib idlelib ihooks imaplib imghdr imp importlib imputil inspect io ipaddress ' +
    'itertools json keyword lib2to3 linecache locale logging lzma macpath mailbox mailcap marshal math ' +
    'md5 mhlib mimetools mimetypes MimeWriter mimify mmap modulefinder msilib msvcrt multifile ' +
    'multiprocessing mutex netrc new nis nntplib nt ntpath nturl2path numbers opcode operator optparse os ' +
    'ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil platform plistlib popen2 poplib ' +
    'posix posixfile posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat ' +
    'queue Queue quopri random re readline repr reprlib resource rexec rfc822 rlcompleter robotparser ' +
    'runpy sched secrets select selectors sets sgmllib sha shelve shlex shutil signal SimpleHTTPServer ' +
    'SimpleXMLRPCServer site smtpd smtplib sndhdr socket socketserver SocketServer spwd sqlite3 ' +
    'sre_compile sre_constants sre_parse ssl stat statistics statvfs string StringIO stringold stringprep ' +
    'strop struct subprocess sunau symbol symtable sys sysconfig syslog tabnanny tarfile telnetlib ' +
    'tempfile termios test tests textwrap this thread threading time timeit tkinter Tkinter tkMessageBox ' +
    'toaiff token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types typing ' +
    'unicodedata unittest urllib urllib2 urlparse user UserDict UserList UserString uu uuid venv warnings ' +
    'wave weakref webbrowser whichdb winreg winsound wsgiref xdrlib xml xmlrpc xmlrpclib xxlimited ' +
    'xxsubtype zipapp zipfile zipimport zlib zoneinfo '
  )
    .trim()
    .split(' '),
);
